"""A back-office export holds every connection of payments' pool; charges queue for one inside the service."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from fault_lab.background import in_background
from fault_lab.ports import LOOPBACK
from fault_lab.scenarios.scenario import Scenario, World
from fault_lab.services.payments import KIND
from fault_lab.services.telemetry import UNSAMPLED

# The pool is dry for one such time, then free for the other (seconds).
HELD_S = (0.6, 1.4)
FREE_S = (0.1, 0.3)


@asynccontextmanager
async def fault(world: World, strength: float) -> AsyncIterator[None]:
    """Export in turns; strength scales how long the connections are held."""
    url = f"http://{LOOPBACK}:{world.fleet.ports['payments']}/export"
    async with (
        aiohttp.ClientSession(headers=UNSAMPLED) as session,
        in_background(_export_in_turns(session, url, strength, random.Random(world.seed))),
    ):
        yield


async def _export_in_turns(
    session: aiohttp.ClientSession, url: str, strength: float, dice: random.Random
) -> None:
    while True:
        seconds = dice.uniform(*HELD_S) * strength
        await asyncio.gather(*(_export(session, f"{url}?seconds={seconds}") for _ in range(KIND.connections)))
        await asyncio.sleep(dice.uniform(*FREE_S))


async def _export(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as answer:
        await answer.read()


SCENARIO = Scenario("pool-exhausted", "latency", fault, ("POST", "/checkout"), "payments")
