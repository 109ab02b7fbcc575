"""Read access logs into REQUESTS: detect the format, then read every line or reject it with a reason.

From paths to requests, with the module of each step:

    paths -> sources           sources/paths     files, globs, URLs, standard input
    sources -> blocks          sources/blocks    whole lines in clean UTF-8, about 20 MB at a time
    first block -> format      parsing/wrappers  the wrappers around the lines, and the format inside them
    blocks -> batches          batches           a block, its wrappers, and the reader for its format
    batches -> requests        parsing/reader    the fast path, for the lines that it can prove
    other lines -> requests    rests             the exact path, for those of several batches in one go
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from incident_kit.read.batches import Batch, candidates, plan_batches
from incident_kit.read.in_threads import ahead, in_threads
from incident_kit.read.parsing.registry import all_formats
from incident_kit.read.parsing.wrappers import detect_inside
from incident_kit.read.read_log import AccessLog, together
from incident_kit.read.rests import completed
from incident_kit.read.small_sources import joined
from incident_kit.read.sources.paths import Paths, Source
from incident_kit.read.sources.readable import Readable
from incident_kit.read.values.route_templates import Routes
from incident_kit.schema import REJECTED, REQUESTS, empty

__all__ = ["AccessLog", "Explanation", "explain_access_log", "formats", "read_access_log", "scan_access_log"]

# How many requests and how many rejected lines an explanation shows.
SHOWN = 3
# Each worker holds a whole block in all its columns until the blocks before it are consumed, so no more than
# two cores can use.
WORKERS = 2


def read_access_log(
    paths: Paths,
    *,
    log_format: str | Mapping[str, str] | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    seen: Callable[[int], object] | None = None,
) -> AccessLog:
    """Read access logs whole: files, globs, directories, URLs or `-`, plain or compressed.

    Parameters
    ----------
    paths
        One path or several, in any order.
    log_format
        A name from `formats`, the server's own string after `nginx:`, `apache:`, `haproxy:`, `squid:` or
        `gunicorn:`, or for JSON lines and logfmt a mapping such as `{"duration_ms": "took * 1000",
        "status": "resp.code"}`; detected if None.
    routes
        Your own route templates, or an OpenAPI document; guessed from the paths if None.
    tz
        The time zone for formats that write none, such as HAProxy's, or only an ambiguous name, such as CST.
    seen
        Called with the number of lines of each batch once it is read.

    Raises
    ------
    SourceError
        If a path is missing, empty or binary.
    UnknownFormatError
        If no format reads the lines, or none is called `log_format`.
    ParameterError
        If `routes` cannot be read or `tz` is unknown.
    """
    batches = [AccessLog(empty(REQUESTS), empty(REJECTED))]
    for batch in scan_access_log(paths, log_format=log_format, routes=routes, tz=tz):
        batches.append(replace(batch, requests=batch.requests.rechunk()))
        if seen is not None:
            seen(batch.counts.lines)
    return together(batches)


def scan_access_log(
    paths: Paths,
    *,
    log_format: str | Mapping[str, str] | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    columns: Collection[str] = tuple(REQUESTS),
) -> Iterator[AccessLog]:
    """Read access logs as `read_access_log` does, in batches of bounded memory, in the order of their lines.

    `columns` are the wanted columns of REQUESTS; the others are left out and cost no time.
    """
    batches = plan_batches(paths, log_format=log_format, routes=routes, tz=tz, columns=columns)
    yield from ahead(completed(in_threads((batch.begin for batch in joined(batches)), WORKERS)))


@dataclass(frozen=True)
class FormatRow:
    """A readable format, as it is listed."""

    name: str
    description: str
    example: str


def formats() -> list[FormatRow]:
    """Return every registered format with an example line."""
    return [FormatRow(row.name, row.description, row.samples[0].line) for row in all_formats()]


@dataclass(frozen=True)
class Explanation:
    """How a source is read: its format, how many of the sampled lines fit it, and the first of each kind.

    `wrappers` are the names of the wrappers around its lines, outermost first.
    """

    source: str
    log_format: str
    wrappers: tuple[str, ...]
    recognised: int
    sampled: int
    parsed: pl.DataFrame
    rejected: pl.DataFrame


def explain_access_log(
    paths: Paths,
    *,
    log_format: str | Mapping[str, str] | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
) -> list[Explanation]:
    """Return how the beginning of each source is read, with its first requests and rejected lines.

    Raises what `read_access_log` raises.
    """

    def explained(source: Source) -> Explanation:
        batches = plan_batches(source.name, log_format=log_format, routes=routes, tz=tz)
        return _explanation(next(batches), log_format)

    return list(Readable(paths).begun(explained))


def _explanation(batch: Batch, log_format: str | Mapping[str, str] | None) -> Explanation:
    log, block = batch.read(), batch.block
    found = detect_inside(block, candidates(log_format))
    return Explanation(
        block.source,
        log.log_format,
        tuple(wrapper.name for wrapper in found.wrappers),
        found.detection.recognised,
        found.detection.sampled,
        log.requests.head(SHOWN),
        log.rejected.head(SHOWN),
    )
