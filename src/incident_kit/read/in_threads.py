"""Work on batches in threads: the engine below leaves the interpreter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from incident_kit.read.batches import Batch

# Blocks in work at once, one more than two cores take: each waits now and then for the interpreter. More
# would only take memory.
WORKERS = 3
Made = TypeVar("Made")


def in_threads(batches: Iterator[Batch], work: Callable[[Batch], Made]) -> Iterator[Made]:
    """Yield what becomes of each batch, in their order; few are under way at any time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        running: deque[Future[Made]] = deque()
        for batch in batches:
            running.append(pool.submit(work, batch))
            if len(running) > WORKERS:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def ahead(items: Iterator[Made]) -> Iterator[Made]:
    """Yield the items; while one is used, the next is made in a thread."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
