"""payments refuses most charges, and the shop asks again at once, without back-off: calls multiply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.config import Misbehaviour

# Of six attempts at a charge all fail in four cases of ten.
FAILURE_RATE = 0.86
RETRIES = 5


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Let payments fail, under the same version; strength scales the share of failures."""
    await world.fleet.start(
        "payments", misbehaviour=Misbehaviour("/charges", failure_rate=FAILURE_RATE * strength)
    )
    try:
        yield
    finally:
        await world.fleet.start("payments")


SCENARIO = Scenario("retry-storm", "errors", fault, ("POST", "/checkout"), "payments", retries=RETRIES)
