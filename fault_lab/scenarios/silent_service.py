"""catalogue is stopped: its port refuses connections, and it leaves no span."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.background import in_background
from fault_lab.scenarios.scenario import Scenario, World

SERVICE = "catalogue"
# Below full strength the service is restarted again and again: down for its share of each such time.
CYCLE_S = 15.0


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Stop the service; strength is the share of the time for which it is down."""
    await world.fleet.stop(SERVICE)
    try:
        if strength >= 1:
            yield
        else:
            async with in_background(_restart_in_turns(world, strength)):
                yield
    finally:
        await world.fleet.stop(SERVICE)
        await world.fleet.start(SERVICE)


async def _restart_in_turns(world: World, strength: float) -> None:
    while True:
        await asyncio.sleep(CYCLE_S * strength)
        await world.fleet.start(SERVICE)
        await asyncio.sleep(CYCLE_S * (1 - strength))
        await world.fleet.stop(SERVICE)


SCENARIO = Scenario("silent-service", "errors", fault, ("GET", "/products/{id}"), SERVICE)
