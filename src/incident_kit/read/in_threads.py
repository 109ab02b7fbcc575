"""Work in threads: the engine below leaves the interpreter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

# What is made while what was made before is used: so much that nobody waits for long, and no more.
MADE_AHEAD = 2
Made = TypeVar("Made")


def in_threads(work: Iterator[Callable[[], Made]], workers: int) -> Iterator[Made]:
    """Yield what each piece of work makes, in their order; few more than `workers` are under way."""
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
    """Yield the items; while some are used, the next ones are made in a thread."""
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, items, None) for _ in range(MADE_AHEAD))
        while (item := coming.popleft().result()) is not None:
            coming.append(pool.submit(next, items, None))
            yield item
