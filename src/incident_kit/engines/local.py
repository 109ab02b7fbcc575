"""Reading and rolling up on this machine: block after block, in memory that does not grow with the log."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from math import lcm
from pathlib import Path

import polars as pl

from incident_kit.measure.request_rows import USED
from incident_kit.measure.rollup import BUCKETS_S, Rollup, coarsen, fitting_bucket, merge, rollup_requests
from incident_kit.read.batches import AccessLog, Batch, plan_batches
from incident_kit.read.routes import Routes
from incident_kit.read.sources import BLOCK_BYTES, Paths, Source, find_sources
from incident_kit.slo import Targets

# Blocks in work at once: one is cut while another is counted. More would only take memory.
WORKERS = 2
# Rollups of single blocks that wait to be added up; merging a few at a time costs less than one by one.
MERGED_AT_ONCE = 8
# How much longer logs are than their compressed files, roughly.
COMPRESSED_TIMES = 10
COMPRESSED_SUFFIXES = (".gz", ".zst", ".bz2", ".xz")


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
    first = next(batches).read()
    width = bucket_s or _likely_bucket(first.requests, paths)
    rolled_up = partial(_roll_up, width=width, targets=targets)
    total, waiting = rolled_up(first), []
    for part in _in_threads(batches, lambda batch: rolled_up(batch.read(ordered=False))):
        waiting.append(part)
        if len(waiting) == MERGED_AT_ONCE:
            total, waiting = merge([total, *waiting]), []
    return _fitted(merge([total, *waiting]), bucket_s)


def _likely_bucket(beginning: pl.DataFrame, paths: Paths) -> int:
    """Return the bucket that fits the whole, if it goes on as it begins; a later one can only be wider."""
    times = beginning["start_time"]
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return BUCKETS_S[0]
    blocks = max(1.0, sum(map(_plain_bytes, find_sources(paths))) / BLOCK_BYTES)
    return fitting_bucket(first, first + (last - first) * blocks)


def _plain_bytes(source: Source) -> float:
    """Estimate how long a source is when decompressed; what cannot be told counts as little."""
    path = Path(source.name)
    if not path.is_file():
        return 0.0
    return path.stat().st_size * (COMPRESSED_TIMES if path.suffix in COMPRESSED_SUFFIXES else 1)


def _in_threads(batches: Iterator[Batch], work: Callable[[Batch], Rollup]) -> Iterator[Rollup]:
    """Work on batches in threads (the engine below leaves the interpreter); yield in their order."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running: deque[Future[Rollup]] = deque()
        for batch in batches:
            running.append(pool.submit(work, batch))
            if len(running) > WORKERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _roll_up(log: AccessLog, width: int, targets: Targets | None) -> Rollup:
    return rollup_requests(log.requests, bucket_s=width, targets=targets, rejected=len(log.rejected))


def _fitted(rollup: Rollup, bucket_s: int | None) -> Rollup:
    """Widen the buckets, where the whole turned out longer than it seemed."""
    wanted = bucket_s or fitting_bucket(rollup.meta.first, rollup.meta.last)
    return coarsen(rollup, lcm(rollup.meta.bucket_s, wanted)) if wanted > rollup.meta.bucket_s else rollup
