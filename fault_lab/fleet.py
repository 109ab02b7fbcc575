"""The service processes: started, stopped and replaced by name."""

from __future__ import annotations

import itertools
from pathlib import Path

import aiohttp

from fault_lab.plan import Plan
from fault_lab.ports import LOOPBACK, free_port
from fault_lab.processes import PYTHON, Child, start
from fault_lab.services.config import Misbehaviour, ServiceConfig
from fault_lab.services.registry import CALLS, DATABASE, SERVICES
from fault_lab.services.service import HEALTH

VERSION = "1.7.2"


class Fleet:
    """One process of each service; a wire stands in for the straight way where there is one."""

    def __init__(self, directory: Path, plan: Plan, *, retries: int, database_port: int) -> None:
        self._directory, self._plan, self._retries = directory, plan, retries
        self.ports = {**{name: free_port() for name in SERVICES}, DATABASE: database_port}
        self.wired: dict[tuple[str, str], int] = {}
        self.span_files: list[Path] = []
        self._children: dict[str, Child] = {}
        self._serial = itertools.count(1)

    async def start_all(self) -> None:
        """Start every service, callees before their callers."""
        for name in SERVICES:
            await self.start(name)

    async def stop_all(self) -> None:
        """Stop every service that runs, callers before their callees."""
        for name in reversed(SERVICES):
            await self.stop(name)

    async def start(
        self, name: str, version: str = VERSION, misbehaviour: Misbehaviour | None = None
    ) -> None:
        """Start a service, beside the process that may already serve under its name, and wait for it."""
        instance = f"{name}-{next(self._serial)}"
        config = self._config(name, instance, version, misbehaviour)
        arguments = [*PYTHON, "-m", "fault_lab.services", config.to_json()]
        child = await start(instance, arguments, self._directory, self._plan.lifetime_s)
        before = self._children.get(name)
        self._children[name] = child
        self.span_files.append(Path(config.spans))
        try:
            await child.ready(lambda: self._serves(name, instance))
        finally:
            if before is not None:
                await before.stop()

    async def stop(self, name: str) -> None:
        """End a service's process; its port refuses connections from then on."""
        child = self._children.pop(name, None)
        if child is not None:
            await child.stop()

    def _config(
        self, name: str, instance: str, version: str, misbehaviour: Misbehaviour | None
    ) -> ServiceConfig:
        ways = {callee: self.wired.get((name, callee), self.ports[callee]) for callee in CALLS[name]}
        return ServiceConfig(
            name=name,
            version=version,
            instance=instance,
            port=self.ports[name],
            spans=str(self._directory / f"{instance}.jsonl"),
            sampling=self._plan.sampling,
            seed=process_seed(instance, self._plan.seed),
            database_port=ways.pop(DATABASE, 0),
            peers=ways,
            retries=self._retries,
            misbehaviour=misbehaviour,
        )

    async def _serves(self, name: str, instance: str) -> bool:
        """Whether this very process answers: during a deploy another one shares its port."""
        try:
            async with aiohttp.request("GET", f"http://{LOOPBACK}:{self.ports[name]}{HEALTH}") as answer:
                return bool((await answer.json())["instance"] == instance)
        except aiohttp.ClientError:
            return False


def process_seed(instance: str, seed: int) -> int:
    """Give each process a seed of its own, the same in every run."""
    return int.from_bytes(f"{seed}/{instance}".encode(), "big") % 2**63
