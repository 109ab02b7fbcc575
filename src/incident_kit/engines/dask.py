"""Roll up logs on a Dask cluster: this process cuts logs and merges rollups, the workers read and count.

A worker reads a block's bytes itself if the file can be read from the middle; paths must then mean the same
on the workers. The bytes of compressed files and standard input are sent to the workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.engines import local
from incident_kit.engines.dask_cluster import connected
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

BLOCKS_A_THREAD = 2
"""Blocks for each worker thread, waiting or in progress. The next block is ready in time, and few are in
memory.
"""


def rollup(paths: Paths, *, scheduler: str | None = None, **how: Any) -> Rollup:
    """Roll up access logs on a Dask cluster.

    The parameters and the result are those of `engines.local.rollup`. `scheduler` is the address of a
    cluster; without one, a process is started for each core. These processes begin by importing the main
    module, so a script that calls this function needs `if __name__ == "__main__":`.

    Raises
    ------
    ParameterError
        If Dask is not installed.
    SourceError
        If no scheduler answers, or for the reasons of `read_access_log`.
    """
    with connected(scheduler) as client:
        return local.rollup(paths, engine=partial(_on_cluster, client), **how)


def _on_cluster(
    client: Any, batches: Iterator[Batch], rolled_up: Callable[[AccessLog], Rollup]
) -> Iterator[Rollup]:
    """Yield the rollups of batches, and of the lines in them that need exact parsing.

    This process parses those lines for many batches at once. The exact parser has a high fixed cost per call,
    so many lines cost hardly more than the few lines of one batch.
    """
    rests: list[Rest] = []
    for part, rest in _submitted(client, batches, rolled_up):
        yield part
        rests.append(rest)
        if sum(len(one.lines) for one in rests) >= local.EXACT_LINES_AT_ONCE:
            yield from (rolled_up(one.read()) for one in join_rests(rests))
            rests = []
    yield from (rolled_up(one.read()) for one in join_rests(rests))


def _submitted(
    client: Any, batches: Iterator[Batch], rolled_up: Callable[[AccessLog], Rollup]
) -> Iterator[tuple[Rollup, Rest]]:
    """Yield the workers' results for batches, with just enough batches in progress to keep them busy."""
    most = BLOCKS_A_THREAD * sum(client.nthreads().values())
    with_workers, running = shared(client), deque[tuple[Reader, Any]]()
    for batch in batches:
        arguments = _block_for_worker(client, batch.block), batch.wrappers, with_workers(batch.reader)
        running.append((batch.reader, client.submit(_work, *arguments, rolled_up, pure=False)))
        if len(running) >= most:
            yield _result(*running.popleft())
    while running:
        yield _result(*running.popleft())


def _result(reader: Reader, work: Any) -> tuple[Rollup, Rest]:
    """Wait for a worker's result, and attach the reader, which is large and was not sent back."""
    part, source, lines, others = work.result()
    return part, Rest(source, lines, reader, others)


def shared(client: Any) -> Callable[[Reader], Any]:
    """Return a function that shares the reader of the current source with every worker, where it learns."""
    return lru_cache(maxsize=1)(partial(client.scatter, broadcast=True, hash=False))


def _block_for_worker(client: Any, block: Block) -> Any:
    """Return the block without its bytes if a worker can read them itself; else send the bytes ahead."""
    if _can_be_read_again(block.source):
        return replace(block, data=b"")
    return client.scatter(block, hash=False)


@cache
def _can_be_read_again(source: str) -> bool:
    return can_be_read_again(Source(source))


def _work(
    block: Block, wrappers: tuple[Wrapper, ...], reader: Reader, rolled_up: Callable[[AccessLog], Rollup]
) -> tuple[Rollup, str, pl.DataFrame, int]:
    """Read a block and roll it up, in a worker; also return the remaining lines in the parts of a `Rest`."""
    log, rest = Batch(block if block.data else read_again(block), wrappers, reader).begin()
    return rolled_up(log), rest.source, rest.lines, rest.others
