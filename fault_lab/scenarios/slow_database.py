"""A batch job locks the table `carts` again and again; only looking at a cart writes there, and waits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from fault_lab.background import in_background
from fault_lab.scenarios.scenario import Scenario, World

# The lock is held for one such time, then released for the other (seconds): most of the time somebody waits.
HELD_S = (0.6, 1.5)
RELEASED_S = (0.1, 0.4)


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Lock and release in turns; strength scales how long the lock is held."""
    async with (
        await world.postgres.connect("cart") as session,
        in_background(_lock_in_turns(session, strength, random.Random(world.seed))),
    ):
        yield


async def _lock_in_turns(session: psycopg.AsyncConnection, strength: float, dice: random.Random) -> None:
    while True:
        async with session.transaction():
            # Readers go on; whoever wants to write to the table waits until the transaction ends.
            await session.execute("LOCK TABLE carts IN EXCLUSIVE MODE")
            await asyncio.sleep(dice.uniform(*HELD_S) * strength)
        await asyncio.sleep(dice.uniform(*RELEASED_S))


SCENARIO = Scenario("slow-database", "latency", fault, ("GET", "/cart/{id}"), "postgresql")
