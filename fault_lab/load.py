"""Open-loop load: when a request is sent depends on the clock and the dice, never on earlier answers.

A closed loop (the next request waits for the last answer) sends less while the service is slow, and so
hides the very incident that it is to show (Schroeder, Wierman, Harchol-Balter, "Open versus closed: a
cautionary tale", NSDI 2006).
"""

from __future__ import annotations

import asyncio
import math
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence

import aiohttp

from fault_lab.ports import LOOPBACK
from fault_lab.traffic import PROBE_AGENT, Request, Traffic

# Two waves of incommensurate length, as seconds and share of the mean rate: the load is never flat.
WAVES = ((240.0, 0.18), (67.0, 0.08))
CLIENT_TIMEOUT_S = 10.0
PROBE_EVERY_S = 5.0
# More requests than this under way at once are not sent, and counted: a bound that no scenario reaches.
MAX_UNDER_WAY = 2_000


def rate_at(time_s: float, mean_rate: float) -> float:
    """Give the requests a second at a time after the start."""
    return mean_rate * (1 + sum(height * math.sin(2 * math.pi * time_s / period) for period, height in WAVES))


def arrival_times(mean_rate: float, seconds: float, seed: int) -> list[float]:
    """Arrivals of a Poisson process with the rate `rate_at`, in seconds after the start.

    By thinning (Lewis and Shedler 1979): candidates at the highest rate, each kept with the probability
    that the rate at its time wants.
    """
    dice = random.Random(seed)
    highest = mean_rate * (1 + sum(height for _, height in WAVES))
    arrivals, now = [], dice.expovariate(highest)
    while now < seconds:
        if dice.random() < rate_at(now, mean_rate) / highest:
            arrivals.append(now)
        now += dice.expovariate(highest)
    return arrivals


async def send_open_loop(
    arrivals: Sequence[float], send: Callable[[], Coroutine[None, None, None]]
) -> list[float]:
    """Call `send` at each arrival without waiting for it; the times at which it was called.

    Returns when every call has ended.
    """
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), []
    async with asyncio.TaskGroup() as under_way:
        for arrival in arrivals:
            await asyncio.sleep(max(0.0, began + arrival - loop.time()))
            sent.append(loop.time() - began)
            under_way.create_task(send())
    return sent


class Clients:
    """The clients of one run, and what they got: answers by status, and requests without one."""

    def __init__(self, session: aiohttp.ClientSession, traffic: Traffic, port: int, closed_port: int) -> None:
        self._session, self._traffic = session, traffic
        self._port, self._closed_port = port, closed_port
        self._under_way = 0
        self.outcomes: Counter[str] = Counter()

    async def send(self) -> None:
        """Send the next request of the traffic."""
        if self._under_way >= MAX_UNDER_WAY:
            self.outcomes["not sent"] += 1
            return
        self._under_way += 1
        try:
            await self._exchange(self._traffic.next_request())
        finally:
            self._under_way -= 1

    async def probe(self) -> None:
        """Health checks, until cancelled."""
        while True:
            await self._exchange(Request("GET", "/healthz", {"User-Agent": PROBE_AGENT}))
            await asyncio.sleep(PROBE_EVERY_S)

    async def _exchange(self, request: Request) -> None:
        port = self._port if self._traffic.gets_in() else self._closed_port
        url = f"http://{LOOPBACK}:{port}{request.target}"
        try:
            async with self._session.request(
                request.method, url, json=request.body, headers=request.headers
            ) as answer:
                await answer.read()
                self.outcomes[str(answer.status)] += 1
        except TimeoutError:
            self.outcomes["timed out"] += 1
        except aiohttp.ClientConnectorError:
            self.outcomes["refused"] += 1
        except aiohttp.ClientError:
            self.outcomes["broken off"] += 1


def client_session() -> aiohttp.ClientSession:
    """Open connections without a bound of their own; a client gives up after `CLIENT_TIMEOUT_S`."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=CLIENT_TIMEOUT_S)
    )
