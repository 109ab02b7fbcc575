"""Read and roll up logs on this machine, block by block, in memory that does not grow with the log.

Most lines take a fast path. Lines that the fast path cannot prove, the *rest* of a batch, are collected from
several batches and parsed exactly in one go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import chain

from incident_kit.engines.log_length import plain_bytes
from incident_kit.measure.rollups.buckets import BUCKETS_S, fitting_bucket
from incident_kit.measure.rollups.derived_columns import REPEATED, USED, derived_columns
from incident_kit.measure.rollups.merging import fit_to_span, merge
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.measure.rollups.strays import DECADE, main_times
from incident_kit.read.batches import Batch, plan_batches
from incident_kit.read.in_threads import in_threads
from incident_kit.read.read_log import AccessLog
from incident_kit.read.rests import Rest, Rests, join_rests
from incident_kit.read.small_sources import joined
from incident_kit.read.sources.blocks import BLOCK_BYTES
from incident_kit.read.sources.paths import Paths
from incident_kit.read.values.route_templates import Routes
from incident_kit.slo import Targets

# Lines to collect before they are parsed exactly. The exact parser has a fixed cost per call, so many lines
# cost hardly more than a few.
EXACT_LINES_AT_ONCE = 50_000
# Rows of rollups that may wait to be merged. The bound keeps memory independent of the log's length.
WAITING_ROWS = 250_000
# One thread more than two cores need, because each waits for the interpreter now and then. More threads would
# only take memory.
WORKERS = 3

Engine = Callable[[Iterator[Batch], Callable[[AccessLog], Rollup]], Iterator[Rollup]]
"""Function that turns batches into rollups to be merged, in any order: in threads here, elsewhere on a
cluster.
"""


def rollup(
    paths: Paths,
    *,
    log_format: str | None = None,
    routes: Routes | None = None,
    tz: str = "UTC",
    targets: Targets | Mapping[str, float] | None = None,
    bucket_s: int | None = None,
    seen: Callable[[int], object] | None = None,
    engine: Engine | None = None,
) -> Rollup:
    """Read access logs of any size and roll them up, without holding them in memory.

    `bucket_s` is the time bucket in seconds, by default a width that fits the span of the logs. `seen` is
    called with the number of lines of each part. `engine` processes the batches, by default in threads. The
    other parameters and the errors are those of `read_access_log`.
    """
    objectives = Targets.of(targets)
    batches = plan_batches(
        paths,
        log_format=log_format,
        routes=routes,
        tz=tz,
        columns=USED,
        added=derived_columns(),
        repeated=REPEATED,
    )
    first = next(batches)
    width = bucket_s or _likely_bucket(first, paths)
    batches = chain([first], batches)
    del first  # frees the block's memory, which sorting the tables needs
    rolled_up = partial(_roll_up, width=width, targets=objectives)
    made = (engine or _in_threads)(batches, rolled_up)
    total = _added_up(made if seen is None else _counted(made, seen))
    return fit_to_span(total, bucket_s)


def _in_threads(batches: Iterator[Batch], rolled_up: Callable[[AccessLog], Rollup]) -> Iterator[Rollup]:
    """Yield the rollups of all batches, and of the lines in them that need exact parsing."""
    left = deque[Rest]()

    def begun(batch: Batch) -> Rollup:
        log, rest = batch.begin()
        left.append(rest)
        return rolled_up(rest.told_apart(log))

    def finished(rests: Rests) -> Rollup:
        return rolled_up(rests.read())

    def work() -> Iterator[Callable[[], Rollup]]:
        rests: list[Rest] = []
        for batch in joined(batches):
            yield partial(begun, batch)
            rests += (left.popleft() for _ in range(len(left)))
            if sum(len(rest.lines) for rest in rests) >= EXACT_LINES_AT_ONCE:
                yield from (partial(finished, joined) for joined in join_rests(rests))
                rests = []
        # These lines are parsed while the last batches are read.
        yield from (partial(finished, joined) for joined in join_rests(rests))

    yield from in_threads(work(), WORKERS)
    yield from map(finished, join_rests(left))


def _counted(parts: Iterator[Rollup], seen: Callable[[int], object]) -> Iterator[Rollup]:
    for part in parts:
        seen(part.meta.requests + part.meta.rejected)
        yield part


def _added_up(parts: Iterator[Rollup]) -> Rollup:
    """Merge rollups whenever the waiting ones are as long as the total, at most `WAITING_ROWS`.

    Each row is then merged only a few times, and no rollup waits long.
    """
    total, waiting = next(parts), list[Rollup]()
    for part in parts:
        if sum(one.rows for one in waiting) >= min(total.rows, WAITING_ROWS):
            total, waiting = merge([total, *waiting], ordered=False), []
        waiting.append(part)
    return merge([total, *waiting])


def _likely_bucket(beginning: Batch, paths: Paths) -> int:
    """Return the bucket that fits the whole log if it goes on as it begins; later it can only be widened."""
    times = main_times(beginning.edges())
    first, last = times.min(), times.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return BUCKETS_S[0]
    blocks = max(1.0, plain_bytes(paths) / BLOCK_BYTES)
    return fitting_bucket(first, first + min((last - first) * blocks, DECADE))


def _roll_up(log: AccessLog, width: int, targets: Targets) -> Rollup:
    return rollup_requests(
        log.requests,
        bucket_s=width,
        targets=targets,
        rejected=len(log.rejected),
        notes=log.notes,
        ordered=False,
    )
