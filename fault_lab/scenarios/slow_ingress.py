"""catalogue is slow for everyone who calls it: the fault is its way in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.registry import CALLS
from fault_lab.wire import delayed

SERVICE = "catalogue"
DELAY_S = 0.4
"""At half its strength still above the latency target, so that every endpoint that calls it shows."""


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Delay what callers send to catalogue; strength scales the delay."""
    with delayed(world.wires.values(), DELAY_S * strength):
        yield


SCENARIO = Scenario(
    "slow-ingress",
    "latency",
    fault,
    ("GET", "/products/{id}"),
    SERVICE,
    wires=tuple((caller, SERVICE) for caller, callees in CALLS.items() if SERVICE in callees),
)
