"""Access logs become REQUESTS: the format is detected, every line is read or set aside with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.read.parsing.block import Block
from incident_kit.read.parsing.detection import detect
from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.parsing.reader import OWN, Reading, read_block
from incident_kit.read.parsing.registry import all_formats, find_formats
from incident_kit.read.routes import Finder, Routes, route_finder
from incident_kit.read.sources import Paths, Source, find_sources, read_blocks
from incident_kit.schema import REJECTED, REQUESTS, conform, empty

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


def read_access_log(
    paths: Paths, *, log_format: str | None = None, routes: Routes | None = None, tz: str = "UTC"
) -> AccessLog:
    """Read access logs whole: files, globs, directories, URLs or `-`, plain or compressed.

    Parameters
    ----------
    paths
        One of them or several, in any order.
    log_format
        A name from `formats`, or the server's own string after `nginx:` or `apache:`; detected if None.
    routes
        Route templates of your own, or an OpenAPI document; guessed from the paths if None.
    tz
        The time zone of formats that write none, such as HAProxy's.

    Raises
    ------
    SourceError
        If a path is missing, empty or binary.
    UnknownFormatError
        If no format reads the lines, or none is called `log_format`.
    ParameterError
        If `routes` or `tz` mean nothing.
    """
    batches = list(scan_access_log(paths, log_format=log_format, routes=routes, tz=tz))
    return AccessLog(
        pl.concat([empty(REQUESTS), *(batch.requests for batch in batches)]),
        pl.concat([empty(REJECTED), *(batch.rejected for batch in batches)]),
        ", ".join(dict.fromkeys(name for batch in batches for name in batch.log_format.split(", ") if name)),
        tuple(dict.fromkeys(note for batch in batches for note in batch.notes)),
    )


def scan_access_log(
    paths: Paths,
    *,
    log_format: str | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    columns: Collection[str] = tuple(REQUESTS),
) -> Iterator[AccessLog]:
    """Read access logs as `read_access_log` does, in batches of bounded memory, in the order of their lines.

    `columns` are those of REQUESTS that are wanted; the others are absent, and cost no time.
    """
    _check_zone(tz)
    formats = find_formats(log_format) if log_format else all_formats()
    finder = route_finder(routes)
    for source in find_sources(paths):
        yield from _scan_source(source, formats, finder, tz, columns)


def _check_zone(tz: str) -> None:
    try:
        ZoneInfo(tz)
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ParameterError(f"There is no time zone {tz!r}; give one such as Europe/Berlin.") from error


def _scan_source(
    source: Source, formats: Sequence[LogFormat], finder: Finder, tz: str, columns: Collection[str]
) -> Iterator[AccessLog]:
    order: tuple[LogFormat, ...] = ()
    own = [name for name in OWN if name in columns or (name == "path" and "route" in columns)]
    for block in read_blocks(source):
        order = order or detect(block.lines(), formats, source.name).formats
        reading = read_block(block, order, tz=tz, columns=own)
        order = _busiest_first(order, reading)
        yield _batch(block, reading, finder, columns)


def _busiest_first(order: tuple[LogFormat, ...], reading: Reading) -> tuple[LogFormat, ...]:
    """Put the format that read most lines first: it is the one that the next block is read fast with."""
    if not reading.counts:
        return order
    busiest = max(reading.counts, key=lambda item: item[1])[0]
    return (busiest, *(row for row in order if row is not busiest))


def _batch(block: Block, reading: Reading, finder: Finder, columns: Collection[str]) -> AccessLog:
    requests = _with_routes(reading.requests, finder) if "route" in columns else reading.requests
    wanted = {name: column for name, column in REQUESTS.items() if name in columns}
    rejected = reading.rejected.select("line_number", "reason", source=pl.lit(block.source), raw="line")
    tails = any(row.open_ended for row, _ in reading.counts)
    notes = (block.note, f"{block.source}: {TAIL_NOTE}" if tails else None)
    return AccessLog(
        conform(requests.with_columns(source=pl.lit(block.source)), wanted),
        conform(rejected, REJECTED),
        ", ".join(row.name for row, _ in reading.counts),
        tuple(note for note in notes if note),
    )


def _with_routes(requests: pl.DataFrame, finder: Finder) -> pl.DataFrame:
    """Find the route of every request whose log does not give it."""
    found, own = finder(requests["path"]), requests["route"]
    return requests.with_columns(
        route=own.fill_null(found["route"]),
        route_inferred=pl.when(own.is_null()).then(found["route_inferred"]).otherwise(pl.lit(value=False)),
    )
