"""The time that a service's own work takes."""

from __future__ import annotations

import asyncio
import math
import random

# Log-normal: most requests near the median, a heavy tail above it, as service times are.
SPREAD = 0.4
# One piece of work in a hundred takes three times as long (a cache miss, a collection).
TAIL_SHARE, TAIL_FACTOR = 0.01, 3.0


class Work:
    """Waits for as long as work would take: the machine's two cores stay free for the real parts."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    async def spend(self, median_ms: float) -> None:
        """Take a random time with this median."""
        duration_ms = self._random.lognormvariate(math.log(median_ms), SPREAD)
        if self.happens(TAIL_SHARE):
            duration_ms *= TAIL_FACTOR
        await asyncio.sleep(duration_ms / 1000)

    def happens(self, probability: float) -> bool:
        """One throw of the dice."""
        return self._random.random() < probability
