"""A wavy load, and nothing wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fault_lab.scenarios.scenario import Scenario, World


@asynccontextmanager
async def fault(_: World, __: float) -> AsyncIterator[None]:
    """Leave everything as it is."""
    yield


SCENARIO = Scenario("healthy", "none", fault)
