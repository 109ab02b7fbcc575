"""Lines that no fast way proves: they are read exactly, together with those of other batches.

Reading them costs the same for a few lines as for many.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from incident_kit.read.parsing.exactly import Reading
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.read_log import AccessLog, together
from incident_kit.schema import REJECTED, REQUESTS, conform

# No source has so many lines.
APART = 2**40
UTC = "UTC"
# Batches whose rests are read at once, more of them if they are small; more would only take memory.
BATCHES_AT_ONCE = 3
ROWS_AT_ONCE = 100_000
# A log in which fewer lines than one in a hundred go on in another way has no tail to be told of: those were
# cut off while they were written.
TAILS_TOLD = 0.01
TAIL_NOTE = (
    "what follows the known beginning of a line is kept in `extra`; no duration was guessed from it: the "
    "server's own format string (log_format=, --log-format) tells what it is"
)


@dataclass(frozen=True)
class Rest:
    """Lines of one source that are to be read exactly; `others` of their batches were read before."""

    source: str
    lines: pl.DataFrame
    reader: Reader
    others: int


@dataclass(frozen=True)
class Rests:
    """Lines that one reader is to read exactly: one rest for each of their sources."""

    of_sources: tuple[Rest, ...]

    def read(self) -> AccessLog:
        """Read the lines."""
        return together([*self.by_source().values()])

    def by_source(self) -> dict[str, AccessLog]:
        """Read the lines, all sources' at once, for it costs hardly more than those of one."""
        numbered = [
            rest.lines.with_columns(pl.col("line_number") + place * APART)
            for place, rest in enumerate(self.of_sources)
        ]
        reading = self.of_sources[0].reader.exactly(pl.concat(numbered))
        return {
            rest.source: access_log(_of_source(reading, place), rest.source, others=rest.others)
            for place, rest in enumerate(self.of_sources)
        }


def _of_source(reading: Reading, place: int) -> Reading:
    """Return what was read of the source at a place."""
    begin = place * APART
    own = pl.col("line_number").is_between(begin, begin + APART, closed="left")
    number = pl.col("line_number") - begin
    read_by = ((row, numbers.to_frame().filter(own).to_series()) for row, numbers in reading.read_by)
    return Reading(
        reading.requests.filter(own).with_columns(number),
        reading.rejected.filter(own).with_columns(number),
        tuple((row, numbers) for row, numbers in read_by if len(numbers)),
    )


def join_rests(rests: Iterable[Rest]) -> list[Rests]:
    """Put the rests of each source together, and the sources that one reader may read at once."""
    joined: dict[str, Rest] = {}
    for rest in rests:
        known = joined.get(rest.source)
        lines = pl.concat([known.lines, rest.lines]) if known else rest.lines
        joined[rest.source] = replace(rest, lines=lines, others=rest.others + (known.others if known else 0))
    together: dict[Hashable, list[Rest]] = {}
    for source, rest in joined.items():
        # Where clocks are set back, the order of a log's lines tells on which side of that they are.
        alone = rest.reader.manner.tz != UTC
        together.setdefault((rest.reader, source if alone else None), []).append(rest)
    return [Rests(tuple(rests)) for rests in together.values()]


def completed(begun: Iterable[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    """Yield each batch that was begun with its rest, in the order of its lines; a few are read at once."""
    few: list[tuple[AccessLog, Rest]] = []
    for log, rest in begun:
        few.append((log, rest))
        if len(few) >= BATCHES_AT_ONCE and sum(len(log.requests) for log, _ in few) >= ROWS_AT_ONCE:
            yield from _completed(few)
            few = []
    yield from _completed(few)


def _completed(few: Sequence[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    read: dict[str, AccessLog] = {}
    for rests in join_rests(rest for _, rest in few):
        read |= rests.by_source()
    yield from (_with_rest(log, rest.lines["line_number"], read[rest.source]) for log, rest in few)


def _with_rest(log: AccessLog, numbers: pl.Series, rests: AccessLog) -> AccessLog:
    """Return a batch with what was read of the lines of these numbers, which lie in no other batch."""
    own = pl.col("line_number").is_between(numbers.min(), numbers.max())
    rest = AccessLog(rests.requests.filter(own), rests.rejected.filter(own), rests.log_format, rests.notes)
    total = log.counts + rest.counts
    return AccessLog(
        _in_order(log.requests, rest.requests),
        _in_order(log.rejected, rest.rejected),
        ", ".join(total.log_formats),
        total.notes,
    )


def _in_order(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of both in the order of their lines, as each is by itself, without copying them."""
    if other.is_empty():
        return one
    places = np.searchsorted(one["line_number"].to_numpy(), other["line_number"].to_numpy())
    found, begins = (part.tolist() for part in np.unique(places, return_index=True))
    stretches = zip([0, *found[:-1]], found, begins, [*begins[1:], len(other)], strict=True)
    parts = [part for last, place, begin, end in stretches for part in (one[last:place], other[begin:end])]
    return pl.concat([*parts, one[found[-1] :]])


def access_log(reading: Reading, source: str, note: str | None = None, *, others: int = 0) -> AccessLog:
    """Return what was read of a source, as frames of the schemas; `others` of its lines were read before."""
    requests = reading.requests.with_columns(source=pl.lit(source))
    rejected = reading.rejected.select("line_number", "reason", source=pl.lit(source), raw="line")
    tails = sum(len(numbers) for row, numbers in reading.read_by if row.open_ended)
    told = tails > TAILS_TOLD * (others + len(requests) + len(rejected))
    notes = (note, f"{source}: {TAIL_NOTE}" if told else None)
    order = dict.fromkeys((*(name for name in REQUESTS if name in requests.columns), *requests.columns))
    return AccessLog(
        requests.select(*order),
        conform(rejected, REJECTED),
        ", ".join(dict.fromkeys(row.name for row, _ in reading.read_by)),
        tuple(note for note in notes if note),
    )
