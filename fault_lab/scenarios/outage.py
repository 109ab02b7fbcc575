"""Clients cannot get in to nginx: their requests leave no line in its log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Close the way in; strength is the share of requests that find it closed."""
    world.traffic.cut_off = min(1.0, strength)
    try:
        yield
    finally:
        world.traffic.cut_off = 0.0


# Three minutes of a run of fifteen.
SCENARIO = Scenario("outage", "outage", fault, lasts=0.2)
