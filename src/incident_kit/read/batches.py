"""Access logs cut into batches, each of which can be read on its own, by any worker."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.read.blocks import read_blocks
from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.parsing.manner import OWN, Manner
from incident_kit.read.parsing.reader import REJECTS, Reader, Reading
from incident_kit.read.parsing.registry import all_formats, find_formats
from incident_kit.read.parsing.wrappers import Unwrapping, Wrapper, detect_inside, unwrap
from incident_kit.read.read_log import AccessLog
from incident_kit.read.routes import Routes, route_finder
from incident_kit.read.sources import Paths, find_sources
from incident_kit.schema import REJECTED, REQUESTS, conform

TAIL_NOTE = "what follows the known beginning of a line is kept in `extra`; no duration was guessed from it"


# Batches whose rests are read at once; more would only take memory.
READ_AT_ONCE = 3


@dataclass(frozen=True)
class Batch:
    """A block of one source and how it is to be read; independent of every other, so that any worker may."""

    block: Block
    wrappers: tuple[Wrapper, ...]
    reader: Reader

    def read(self) -> AccessLog:
        """Read the block."""
        block, pieces = unwrap(self.block, self.wrappers)
        return self._log(self.reader.read(block), pieces)

    def begin(self) -> tuple[AccessLog, Rest]:
        """Read what can be read fast, in any order, and return the lines that cannot.

        Reading those exactly costs the same for a few lines as for many, so they are better read together.
        """
        block, pieces = unwrap(self.block, self.wrappers)
        done, left = self.reader.fast(block)
        counts = () if done.is_empty() else ((self.reader.formats[0], len(done)),)
        log = self._log(Reading(done, pl.DataFrame(schema=REJECTS), counts), pieces)
        return log, Rest(self.block.source, left, self.reader)

    def _log(self, reading: Reading, pieces: pl.DataFrame) -> AccessLog:
        whole = replace(reading, rejected=pl.concat([reading.rejected, pieces]).sort("line_number"))
        return access_log(whole, self.block.source, self.block.note)


@dataclass(frozen=True)
class Rest:
    """Lines of one source that are to be read exactly."""

    source: str
    lines: pl.DataFrame
    reader: Reader

    def read(self) -> AccessLog:
        """Read the lines."""
        return access_log(self.reader.exactly(self.lines), self.source)


def join_rests(rests: Iterable[Rest]) -> list[Rest]:
    """Put the rests of each source together; the blocks of one source have the same reader."""
    joined: dict[Reader, Rest] = {}
    for rest in rests:
        known = joined.get(rest.reader)
        lines = pl.concat([known.lines, rest.lines]) if known else rest.lines
        joined[rest.reader] = replace(rest, lines=lines)
    return list(joined.values())


def completed(begun: Iterable[tuple[AccessLog, Rest]]) -> Iterator[AccessLog]:
    """Yield each batch that was begun with its rest, in the order of its lines; a few are read at once."""
    left = iter(begun)
    while few := list(islice(left, READ_AT_ONCE)):
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
    return one if other.is_empty() else pl.concat([one, other]).sort("line_number")


def access_log(reading: Reading, source: str, note: str | None = None) -> AccessLog:
    """Return what was read of a source, as frames of the schemas."""
    requests = reading.requests.with_columns(source=pl.lit(source))
    rejected = reading.rejected.select("line_number", "reason", source=pl.lit(source), raw="line")
    tails = any(row.open_ended for row, _ in reading.counts)
    notes = (note, f"{source}: {TAIL_NOTE}" if tails else None)
    order = dict.fromkeys((*(name for name in REQUESTS if name in requests.columns), *requests.columns))
    return AccessLog(
        requests.select(*order),
        conform(rejected, REJECTED),
        ", ".join(row.name for row, _ in reading.counts),
        tuple(note for note in notes if note),
    )


def plan_batches(
    paths: Paths,
    *,
    log_format: str | Mapping[str, str] | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    columns: Collection[str] = tuple(REQUESTS),
    added: Mapping[str, pl.Expr] = MappingProxyType({}),
    repeated: Collection[str] = (),
) -> Iterator[Batch]:
    """Cut access logs into batches to be read; the format is detected at each source's beginning.

    `columns` are those of REQUESTS that are wanted, beside where a line stands; `added` are made of columns
    of REQUESTS, line by line. Those of text that are `repeated` become Categorical, since their distinct
    values are told apart anyway.
    """
    _check_zone(tz)
    formats = candidates(log_format)
    own = {name: column for name, column in OWN.items() if name in (*columns, "line_number")}
    manner = Manner(own, added, route_finder(routes), tz, frozenset(repeated))
    for source in find_sources(paths):
        known: Unwrapping | None = None
        for block in read_blocks(source):
            if known is None:
                known = detect_inside(block.lines(), formats, source.name)
                reader = Reader(known.detection.formats, manner)
            yield Batch(block, known.wrappers, reader)


def candidates(log_format: str | Mapping[str, str] | None) -> list[LogFormat]:
    """Return the formats that a log may be in: all, those of a name, or the one that a mapping describes."""
    if log_format is None:
        return all_formats()
    if isinstance(log_format, Mapping):
        return find_formats("json:" + ",".join(f"{column}={key}" for column, key in log_format.items()))
    return find_formats(log_format)


def _check_zone(tz: str) -> None:
    try:
        ZoneInfo(tz)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ParameterError(f"There is no time zone {tz!r}; give one such as Europe/Berlin.") from error
