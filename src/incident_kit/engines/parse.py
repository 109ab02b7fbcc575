"""Convert access logs into files of requests and of rejected lines, as a stream."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from incident_kit.engines.table_file import table_file
from incident_kit.read.access_log import scan_access_log
from incident_kit.read.read_log import ReadLog
from incident_kit.read.sources.paths import Paths
from incident_kit.read.values.route_templates import Routes


def parse_access_log(
    paths: Paths,
    requests: Path | None = None,
    rejected: Path | None = None,
    *,
    log_format: str | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    seen: Callable[[int], object] | None = None,
) -> ReadLog:
    """Read access logs of any size, and write their `requests` and the `rejected` lines into files.

    The other parameters and the errors are those of `read_access_log`. `ParameterError` is also raised if a
    file's ending belongs to no format that can be written.
    """
    total = ReadLog()
    logs = scan_access_log(paths, log_format=log_format, routes=routes, tz=tz)
    # Read the first batch before opening files, so that an unreadable log neither creates nor overwrites a
    # file.
    logs = chain([next(logs)], logs)
    with ExitStack() as files:
        writes = [files.enter_context(table_file(path)) if path else None for path in (requests, rejected)]
        for log in logs:
            for write, frame in zip(writes, (log.requests, log.rejected), strict=True):
                if write:
                    write(frame)
            total += log.counts
            if seen is not None:
                seen(log.counts.lines)
    return total
