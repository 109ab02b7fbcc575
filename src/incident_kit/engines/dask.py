"""Rolling up on a Dask cluster: here the logs are cut and the counts added up, the workers read and count.

Where a file can be read from its middle, a worker is told the place and reads the bytes itself; paths must
then mean the same to the workers. Of compressed files and standard input the bytes are sent.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cache, partial
from logging import ERROR, getLogger
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.engines import local
from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.batches import Batch
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.wrappers import Wrapper
from incident_kit.read.read_log import AccessLog
from incident_kit.read.rests import Rest, join_rests
from incident_kit.read.sources.block import Block
from incident_kit.read.sources.blocks import can_be_read_again, read_again
from incident_kit.read.sources.paths import Source

if TYPE_CHECKING:
    from incident_kit.measure.rollups.rollup import Rollup
    from incident_kit.read.sources.paths import Paths

MOST_WORKERS = 8
"""Processes of a cluster that is started here, one for each core: more would wait for what is read here."""

SPAWNED = {
    "distributed.nanny.pre-spawn-environ.POLARS_MAX_THREADS": 1,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
    "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "error",
}
"""How workers are started here: with one thread for each, and silent about a machine that is busy.

They give memory back as other processes do: at every block, as Dask would have it, takes as long as the work.
"""

BLOCKS_A_THREAD = 2
"""Blocks that wait or are worked on: who is done finds the next one there, and few are in memory."""


def rollup(paths: Paths, *, scheduler: str | None = None, **how: Any) -> Rollup:
    """Roll access logs up on a Dask cluster, the same as `engines.local.rollup`, whose parameters it takes.

    `scheduler` is the address of a cluster; without one, a process is started for each core. These begin by
    importing the main module, so a script that calls this needs its `if __name__ == "__main__":`.

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
    """Yield the rollups of batches, and of their lines that have to be read exactly.

    Those are read here: of many batches at once, which costs hardly more than the few lines of one.
    """
    rests: list[Rest] = []
    for part, rest in _begun(client, batches, rolled_up):
        yield part
        rests.append(rest)
        if sum(len(one.lines) for one in rests) >= local.READ_AT_ONCE:
            yield from (rolled_up(one.read()) for one in join_rests(rests))
            rests = []
    yield from (rolled_up(one.read()) for one in join_rests(rests))


def _begun(
    client: Any, batches: Iterator[Batch], rolled_up: Callable[[AccessLog], Rollup]
) -> Iterator[tuple[Rollup, Rest]]:
    """Yield what workers make of batches, with no more of them under way than keep the workers busy."""
    most = BLOCKS_A_THREAD * sum(client.nthreads().values())
    readers, running = Readers(client), deque[tuple[Reader, Any]]()
    for batch in batches:
        there = _sent(client, batch.block), batch.wrappers, readers.there(batch.reader)
        running.append((batch.reader, client.submit(_work, *there, rolled_up, pure=False)))
        if len(running) >= most:
            yield _result(*running.popleft())
    while running:
        yield _result(*running.popleft())


def _result(reader: Reader, work: Any) -> tuple[Rollup, Rest]:
    """Wait for what a worker makes; the reader, which is large, did not come back with it."""
    part, source, lines, others = work.result()
    return part, Rest(source, lines, reader, others)


class Readers:
    """The reader of the source that is being read, at every worker: what it learns there, it keeps."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._reader: Reader | None = None
        self._there: Any = None

    def there(self, reader: Reader) -> Any:
        """Return the reader as workers have it."""
        if reader is not self._reader:
            self._reader, self._there = reader, self._client.scatter(reader, broadcast=True, hash=False)
        return self._there


def _sent(client: Any, block: Block) -> Any:
    """Leave a block's bytes behind, where a worker can read them itself; else send them to one ahead."""
    if _can_be_read_again(block.source):
        return replace(block, data=b"")
    return client.scatter(block, hash=False)


@cache
def _can_be_read_again(source: str) -> bool:
    return can_be_read_again(Source(source))


def _work(
    block: Block, wrappers: tuple[Wrapper, ...], reader: Reader, rolled_up: Callable[[AccessLog], Rollup]
) -> tuple[Rollup, str, pl.DataFrame, int]:
    """Read a block and roll it up, in a worker; return what is left of it, too, as a `Rest` holds it."""
    log, rest = Batch(block if block.data else read_again(block), wrappers, reader).begin()
    return rolled_up(log), rest.source, rest.lines, rest.others


def _workers() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


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
                LocalCluster(n_workers=_workers(), threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
            )
        try:
            client = stack.enter_context(Client(scheduler))  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise SourceError(f"No scheduler answers at {scheduler} ({error}); check the address.") from error
        yield client
