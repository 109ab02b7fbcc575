"""Rests: lines that the fast path cannot prove, collected from several batches and parsed exactly in one go.

The exact path has a fixed cost per call, so one call for many lines is far cheaper than many calls.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from incident_kit.read.parsing.exactly import Parsed
from incident_kit.read.parsing.labels import with_labels
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parts import Parts
from incident_kit.read.read_log import AccessLog, together
from incident_kit.schema import REJECTED, REQUESTS, conform

# More lines than any source has: the distance between the line numbers of sources that are read together.
APART = 2**40
# Read the rests of this many batches in one go, and of more batches if they are small. More would only take
# memory.
BATCHES_AT_ONCE = 3
ROWS_AT_ONCE = 100_000
# If fewer than one line in a hundred has a tail, the tails are not mentioned: they are lines that were cut
# off while they were written.
TAILS_TOLD = 0.01
TAIL_NOTE = (
    "what follows the known beginning of a line is kept in `extra`; no duration was guessed from it: the "
    "server's own format string (log_format=, --log-format) tells what it is"
)


@dataclass(frozen=True)
class Rest:
    """Lines of one source to be parsed exactly; `others` lines of their batches are read already.

    `parts` say where the lines are from, if several sources were joined into one. `labels` are what their
    wrappers told of all lines of the batch.
    """

    source: str
    lines: pl.DataFrame
    reader: Reader
    others: int
    parts: Parts | None = None
    labels: pl.DataFrame | None = None

    def told_apart(self, log: AccessLog) -> AccessLog:
        """Return what was read of the source, with the place and the labels of each line."""
        log = replace(log, requests=with_labels(log.requests, self.labels))
        return log if self.parts is None else self.parts.told_apart(log)


@dataclass(frozen=True)
class Rests:
    """Lines that one reader parses exactly in one go: one rest for each source."""

    of_sources: tuple[Rest, ...]

    def read(self) -> AccessLog:
        """Read the lines."""
        read = self.by_source()
        return together([rest.told_apart(read[rest.source]) for rest in self.of_sources])

    def by_source(self) -> dict[str, AccessLog]:
        """Read the lines of all sources in one go, which costs hardly more than reading those of one."""
        numbered = [
            rest.lines.with_columns(pl.col("line_number") + place * APART)
            for place, rest in enumerate(self.of_sources)
        ]
        reading = self.of_sources[0].reader.exactly(pl.concat(numbered))
        return {
            rest.source: access_log(_of_source(reading, place), rest.source, others=rest.others)
            for place, rest in enumerate(self.of_sources)
        }


def _of_source(reading: Parsed, place: int) -> Parsed:
    """Return the part of a reading that belongs to one source, with its own line numbers."""
    begin = place * APART
    own = pl.col("line_number").is_between(begin, begin + APART, closed="left")
    number = pl.col("line_number") - begin
    read_by = ((row, numbers.to_frame().filter(own).to_series()) for row, numbers in reading.read_by)
    return Parsed(
        reading.requests.filter(own).with_columns(number),
        reading.rejected.filter(own).with_columns(number),
        tuple((row, numbers) for row, numbers in read_by if len(numbers)),
    )


def join_rests(rests: Iterable[Rest]) -> list[Rests]:
    """Merge the rests of each source, and group the sources that one reader may read in one go."""
    joined: dict[str, Rest] = {}
    for rest in rests:
        known = joined.get(rest.source)
        lines = pl.concat([known.lines, rest.lines]) if known else rest.lines
        joined[rest.source] = replace(rest, lines=lines, others=rest.others + (known.others if known else 0))
    together: dict[Hashable, list[Rest]] = {}
    for source, rest in joined.items():
        alone = rest.reader.settings.order_counts
        together.setdefault((rest.reader, source if alone else None), []).append(rest)
    return [Rests(tuple(rests)) for rests in together.values()]


def completed(begun: Iterable[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    """Yield each begun batch with its rest, in line order; the rests of a few batches are read in one go."""
    few: list[tuple[AccessLog, Rest]] = []
    for log, rest in begun:
        few.append((log, rest))
        if len(few) >= BATCHES_AT_ONCE and sum(log.counts.lines for log, _ in few) >= ROWS_AT_ONCE:
            yield from _completed(few)
            few = []
    yield from _completed(few)


def _completed(few: Sequence[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    read: dict[str, AccessLog] = {}
    for rests in join_rests(rest for _, rest in few):
        read |= rests.by_source()
    for log, rest in few:
        yield rest.told_apart(_with_rest(log, rest.lines["line_number"], read[rest.source]))


def _with_rest(log: AccessLog, numbers: pl.Series, rests: AccessLog) -> AccessLog:
    """Return a batch with the results of its own rest: those between its first and last of `numbers`.

    No other batch has lines between these.
    """
    own = pl.col("line_number").is_between(numbers.min(), numbers.max())
    rest = AccessLog(rests.requests.filter(own), rests.rejected.filter(own), rests.log_formats, rests.notes)
    total = log.counts + rest.counts
    return AccessLog(
        _in_order(log.requests, rest.requests),
        _in_order(log.rejected, rest.rejected),
        total.log_formats,
        total.notes,
    )


def _in_order(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Merge the rows of both, each sorted by line number, in that order and without copying them."""
    if other.is_empty():
        return one
    places = np.searchsorted(one["line_number"].to_numpy(), other["line_number"].to_numpy())
    found, begins = (part.tolist() for part in np.unique(places, return_index=True))
    stretches = zip([0, *found[:-1]], found, begins, [*begins[1:], len(other)], strict=True)
    parts = [part for last, place, begin, end in stretches for part in (one[last:place], other[begin:end])]
    return pl.concat([*parts, one[found[-1] :]])


def access_log(reading: Parsed, source: str, note: str | None = None, *, others: int = 0) -> AccessLog:
    """Return a reading of a source as frames of the schemas; `others` of its lines were read before."""
    requests = reading.requests.with_columns(source=pl.lit(source))
    rejected = reading.rejected.select("line_number", "reason", source=pl.lit(source), raw="line")
    told = _unread_tails(reading) > TAILS_TOLD * (others + len(requests) + len(rejected))
    notes = (note, f"{source}: {TAIL_NOTE}" if told else None)
    order = dict.fromkeys((*(name for name in REQUESTS if name in requests.columns), *requests.columns))
    return AccessLog(
        requests.select(*order),
        conform(rejected, REJECTED),
        tuple(dict.fromkeys(row.name for row, _ in reading.read_by)),
        tuple(note for note in notes if note),
    )


def _unread_tails(reading: Parsed) -> int:
    """Return how many lines have a tail that tells no duration."""
    tails = [numbers for row, numbers in reading.read_by if row.open_ended and len(numbers)]
    if not tails or "duration_ms" not in reading.requests.columns:
        return sum(map(len, tails))
    untimed = reading.requests.filter(pl.col("duration_ms").is_null())["line_number"]
    return int(untimed.is_in(pl.concat(tails).implode()).sum())
