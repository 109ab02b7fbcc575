"""Run work in threads. Polars and NumPy release the interpreter's lock, so threads do run in parallel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

# Items prepared ahead of the consumer: enough that it rarely waits, few enough to bound memory.
MADE_AHEAD = 2
Made = TypeVar("Made")


def in_threads(work: Iterator[Callable[[], Made]], workers: int) -> Iterator[Made]:
    """Yield the result of each piece of work, in order; about `workers` pieces run at a time."""
    yield from ahead(_done(work, workers))


def _done(work: Iterator[Callable[[], Made]], workers: int) -> Iterator[Made]:
    with ThreadPoolExecutor(workers) as pool:
        running: deque[Future[Made]] = deque()
        for piece in work:
            running.append(pool.submit(piece))
            if len(running) > workers:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def ahead(items: Iterator[Made]) -> Iterator[Made]:
    """Yield the items; a thread prepares the next items while the consumer uses the last."""
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, items, None) for _ in range(MADE_AHEAD))
        while (item := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, items, None))
            yield item
