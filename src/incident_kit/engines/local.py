"""Reading and rolling up on this machine: block after block, in memory that does not grow with the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from incident_kit.measure.request_rows import USED
from incident_kit.measure.rollup import BUCKETS_S, Rollup, coarsen, fitting_bucket, merge, rollup_requests
from incident_kit.read.batches import Batch, plan_batches
from incident_kit.read.routes import Routes
from incident_kit.read.sources import Paths
from incident_kit.slo import Targets

# Blocks in work at once: one is cut while another is counted. More would only take memory.
WORKERS = 2
# Rollups of single blocks that wait to be added up; merging a few at a time costs less than one by one.
MERGED_AT_ONCE = 8


def rollup(
    paths: Paths,
    *,
    log_format: str | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    targets: Targets | None = None,
    bucket_s: int | None = None,
) -> Rollup:
    """Read access logs of any size and roll them up, without ever holding them.

    `bucket_s` is the bucket of time in seconds, by default what fits the span of the logs. The other
    parameters, and what is raised, are those of `read_access_log`.
    """
    batches = plan_batches(paths, log_format=log_format, routes=routes, tz=tz, columns=USED)
    total: Rollup | None = None
    waiting: list[Rollup] = []
    width = bucket_s or BUCKETS_S[0]
    for part in _rolled_up(batches, width, targets):
        waiting.append(part)
        if len(waiting) == MERGED_AT_ONCE:
            total, waiting = _added(total, waiting, bucket_s), []
    return _added(total, waiting, bucket_s) if waiting or total is None else total


def _rolled_up(batches: Iterator[Batch], width: int, targets: Targets | None) -> Iterator[Rollup]:
    """Read and roll up batches in threads (the engine below leaves the interpreter), in their order."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running: deque[Future[Rollup]] = deque()
        for batch in batches:
            running.append(pool.submit(_roll_up, batch, width, targets))
            if len(running) >= WORKERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _roll_up(batch: Batch, width: int, targets: Targets | None) -> Rollup:
    log = batch.read()
    return rollup_requests(log.requests, bucket_s=width, targets=targets, rejected=len(log.rejected))


def _added(total: Rollup | None, parts: list[Rollup], bucket_s: int | None) -> Rollup:
    """Add rollups up, in buckets as wide as their whole span asks for."""
    added = merge([*([total] if total else []), *parts])
    wanted = bucket_s or fitting_bucket(added.meta.first, added.meta.last)
    return (
        coarsen(added, wanted)
        if wanted > added.meta.bucket_s and wanted % added.meta.bucket_s == 0
        else added
    )
