"""A new release of payments is slow to charge, and sometimes fails; after a while it is rolled back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.config import Misbehaviour

NEW_VERSION = "1.8.0"
DELAY_MS = 380.0
FAILURE_RATE = 0.22


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Deploy, and roll back; strength scales the delay and the share of failures."""
    bad = Misbehaviour("/charges", DELAY_MS * strength, min(1.0, FAILURE_RATE * strength))
    await world.fleet.start("payments", NEW_VERSION, bad)
    try:
        yield
    finally:
        await world.fleet.start("payments")


# Charges are a tenth of all requests: a shorter fault would leave the latency of the whole run just at its
# target, where no verdict can be given.
SCENARIO = Scenario("bad-release", "errors", fault, ("POST", "/checkout"), "payments", lasts=0.5)
