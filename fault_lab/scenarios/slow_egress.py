"""Everything that cart calls is slow, and only when cart calls it: the fault is cart's own way out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.registry import CALLS
from fault_lab.wire import delayed

SERVICE = "cart"
DELAY_S = 0.19


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Delay what cart sends to its callees; strength scales the delay."""
    with delayed(world.wires.values(), DELAY_S * strength):
        yield


SCENARIO = Scenario(
    "slow-egress",
    "latency",
    fault,
    ("GET", "/cart/{id}"),
    SERVICE,
    wires=tuple((SERVICE, callee) for callee in CALLS[SERVICE]),
)
