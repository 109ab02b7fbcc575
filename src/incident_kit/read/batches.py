"""Access logs cut into batches, each of which can be read on its own, by any worker."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.parsing.reader import OWN, read_block
from incident_kit.read.parsing.registry import all_formats, find_formats
from incident_kit.read.parsing.wrappers import Unwrapping, Wrapper, detect_inside, unwrap
from incident_kit.read.routes import Finder, Routes, route_finder
from incident_kit.read.sources import Paths, find_sources, read_blocks
from incident_kit.schema import REJECTED, REQUESTS, conform

TAIL_NOTE = "what follows the known beginning of a line is kept in `extra`; no duration was guessed from it"


@dataclass(frozen=True)
class AccessLog:
    """What was read: REQUESTS, REJECTED, the formats' names, and what an engineer should know about it."""

    requests: pl.DataFrame
    rejected: pl.DataFrame
    log_format: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        notes = "".join(f"; {note}" for note in self.notes)
        return (
            f"AccessLog({len(self.requests):,} requests, {len(self.rejected):,} rejected, "
            f"{self.log_format}{notes})"
        )


@dataclass(frozen=True)
class Batch:
    """A block of one source and how it is to be read; independent of every other, so that any worker may."""

    block: Block
    formats: tuple[LogFormat, ...]
    wrappers: tuple[Wrapper, ...]
    finder: Finder
    tz: str
    columns: frozenset[str]

    def read(self, *, ordered: bool = True) -> AccessLog:
        """Read the block; where order does not matter, it need not be kept."""
        own = [name for name in OWN if name in self.columns or (name == "path" and "route" in self.columns)]
        block, pieces = unwrap(self.block, self.wrappers)
        reading = read_block(block, self.formats, tz=self.tz, columns=own, ordered=ordered)
        source = pl.lit(self.block.source)
        requests = reading.requests.with_columns(source=source)
        if "route" in self.columns:
            requests = _with_routes(requests, self.finder)
        rejected = pl.concat([reading.rejected, pieces]).sort("line_number")
        rejected = rejected.select("line_number", "reason", source=source, raw="line")
        tails = any(row.open_ended for row, _ in reading.counts)
        notes = (self.block.note, f"{self.block.source}: {TAIL_NOTE}" if tails else None)
        return AccessLog(
            conform(requests, {name: column for name, column in REQUESTS.items() if name in self.columns}),
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
) -> Iterator[Batch]:
    """Cut access logs into batches to be read; the format is detected at each source's beginning."""
    _check_zone(tz)
    formats = candidates(log_format)
    finder = route_finder(routes)
    for source in find_sources(paths):
        known: Unwrapping | None = None
        for block in read_blocks(source):
            known = known or detect_inside(block.lines(), formats, source.name)
            yield Batch(block, known.detection.formats, known.wrappers, finder, tz, frozenset(columns))


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


def _with_routes(requests: pl.DataFrame, finder: Finder) -> pl.DataFrame:
    """Find the route of every request whose log does not give it."""
    found, own = finder(requests["path"]), requests["route"]
    return requests.with_columns(
        route=own.fill_null(found["route"]),
        route_inferred=pl.when(own.is_null()).then(found["route_inferred"]).otherwise(pl.lit(value=False)),
    )
