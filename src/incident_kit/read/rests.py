"""Lines that no fast way proves: they are read exactly, together with those of other batches.

Reading them costs the same for a few lines as for many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import polars as pl

from incident_kit.read.parsing.exactly import Reading
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.read_log import AccessLog
from incident_kit.schema import REJECTED, REQUESTS, conform

# Batches whose rests are read at once; more would only take memory.
BATCHES_AT_ONCE = 3
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

    def read(self) -> AccessLog:
        """Read the lines."""
        return access_log(self.reader.exactly(self.lines), self.source, others=self.others)


def join_rests(rests: Iterable[Rest]) -> list[Rest]:
    """Put the rests of each source together; the blocks of one source have the same reader."""
    joined: dict[Reader, Rest] = {}
    for rest in rests:
        known = joined.get(rest.reader)
        lines = pl.concat([known.lines, rest.lines]) if known else rest.lines
        joined[rest.reader] = replace(rest, lines=lines, others=rest.others + (known.others if known else 0))
    return list(joined.values())


def completed(begun: Iterable[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    """Yield each batch that was begun with its rest, in the order of its lines; a few are read at once."""
    left = iter(begun)
    while few := list(islice(left, BATCHES_AT_ONCE)):
        read = {rest.reader: rest.read() for rest in join_rests(rest for _, rest in few)}
        yield from (_with_rest(log, rest.lines["line_number"], read[rest.reader]) for log, rest in few)


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
    tails = sum(lines for row, lines in reading.counts if row.open_ended)
    told = tails > TAILS_TOLD * (others + len(requests) + len(rejected))
    notes = (note, f"{source}: {TAIL_NOTE}" if told else None)
    order = dict.fromkeys((*(name for name in REQUESTS if name in requests.columns), *requests.columns))
    return AccessLog(
        requests.select(*order),
        conform(rejected, REJECTED),
        ", ".join(dict.fromkeys(row.name for row, _ in reading.counts)),
        tuple(note for note in notes if note),
    )
