"""Access logs into files of requests and of rejected lines, streaming."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from incident_kit.engines.table_file import table_file
from incident_kit.read.access_log import scan_access_log
from incident_kit.read.read_log import ReadLog
from incident_kit.read.sources.paths import Paths
from incident_kit.read.values.routes import Routes


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

    The other parameters, and what is raised, are those of `read_access_log`; `ParameterError` also where a
    file's ending is none that we write.
    """
    total = ReadLog()
    logs = scan_access_log(paths, log_format=log_format, routes=routes, tz=tz)
    # Before a file is made, or an older one is lost, the log has to be one.
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
