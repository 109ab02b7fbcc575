"""Rolling up on a Dask cluster: here the logs are cut and the counts added up, the workers read and count.

Where a file can be read from its middle, a worker is told the place and reads the bytes itself; paths must
then mean the same to the workers. Of compressed files and standard input the bytes are sent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from logging import ERROR, getLogger
from typing import TYPE_CHECKING, Any

from incident_kit.engines import local
from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.batches import Batch
from incident_kit.read.read_log import AccessLog
from incident_kit.read.sources.blocks import can_be_read_again, read_again
from incident_kit.read.sources.paths import Source

if TYPE_CHECKING:
    from incident_kit.measure.rollups.rollup import Rollup
    from incident_kit.read.sources.paths import Paths

WORKERS = 2
"""Processes of a cluster that is started here, each with one thread: the engine below has none of its own."""

SPAWNED = {
    "distributed.nanny.pre-spawn-environ.POLARS_MAX_THREADS": 1,
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "error",
}
"""How workers are started here: with one thread for each, and silent about a machine that is busy."""

BLOCKS_A_THREAD = 2
"""Blocks that wait or are worked on: who is done finds the next one there, and few are in memory."""


def rollup(paths: Paths, *, scheduler: str | None = None, **how: Any) -> Rollup:
    """Roll access logs up on a Dask cluster, the same as `engines.local.rollup`, whose parameters it takes.

    `scheduler` is the address of a cluster; without one, two processes are started on this machine. They
    begin by importing the main module, so a script that calls this needs its `if __name__ == "__main__":`.

    Raises
    ------
    ParameterError
        If Dask is not installed.
    SourceError
        If no scheduler answers, or what `read_access_log` raises.
    """
    with _connected(scheduler) as client:
        return local.rollup(paths, parts=partial(_parts, client), **how)


def _parts(
    client: Any, batches: Iterator[Batch], rolled_up: Callable[[AccessLog], Rollup]
) -> Iterator[Rollup]:
    """Yield the rollups of batches, with no more of them under way than keep the workers busy."""
    most = BLOCKS_A_THREAD * sum(client.nthreads().values())
    running: deque[Any] = deque()
    for batch in batches:
        running.append(client.submit(_work, _sent(client, batch), rolled_up, pure=False))
        if len(running) >= most:
            yield running.popleft().result()
    while running:
        yield running.popleft().result()


def _sent(client: Any, batch: Batch) -> Any:
    """Leave a batch's bytes behind, where a worker can read them itself; else send them to one ahead."""
    if _can_be_read_again(batch.block.source):
        return replace(batch, block=replace(batch.block, data=b""))
    return client.scatter(batch, hash=False)


@cache
def _can_be_read_again(source: str) -> bool:
    return can_be_read_again(Source(source))


def _work(batch: Batch, rolled_up: Callable[[AccessLog], Rollup]) -> Rollup:
    """Read a batch and roll it up; this runs in a worker."""
    whole = batch if batch.block.data else replace(batch, block=read_again(batch.block))
    return rolled_up(whole.read())


@contextmanager
def _connected(scheduler: str | None) -> Iterator[Any]:
    """Yield a client of the scheduler, or of a cluster that is there only meanwhile."""
    try:
        import dask.config
        from distributed import Client, LocalCluster
    except ImportError as error:
        sentence = f'The engine dask needs a library ({error}); pip install "incident-kit[dask]".'
        raise ParameterError(sentence) from error
    with ExitStack() as stack:
        if scheduler is None:
            getLogger("distributed").setLevel(ERROR)
            stack.enter_context(dask.config.set(SPAWNED))
            scheduler = stack.enter_context(
                LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
            )
        try:
            client = stack.enter_context(Client(scheduler))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise SourceError(f"No scheduler answers at {scheduler} ({error}); check the address.") from error
        yield client
