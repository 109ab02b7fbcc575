"""Traffic moves to the search page, which always was slow: nothing got worse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World

SLOW_PAGE = "GET /search"
# As many searches as all page views of items together have, while the rest stays as it was in proportion.
SHIFTED_WEIGHT = 30.0


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """More searches among as many requests; strength scales how many more."""
    usual = world.traffic.mix[SLOW_PAGE]
    world.traffic.mix[SLOW_PAGE] = usual + (SHIFTED_WEIGHT - usual) * strength
    try:
        yield
    finally:
        world.traffic.mix[SLOW_PAGE] = usual


SCENARIO = Scenario("traffic-shift", "traffic", fault, ("GET", "/search"))
