"""What a scenario is: a fault to inject, and the answer that it has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

from fault_lab.fleet import Fleet
from fault_lab.postgres import Postgres
from fault_lab.traffic import Traffic
from fault_lab.wire import Wire


@dataclass(frozen=True)
class World:
    """What a fault may lay hands on; `wires` are keyed by caller and callee."""

    postgres: Postgres
    fleet: Fleet
    traffic: Traffic
    wires: dict[tuple[str, str], Wire]
    seed: int


Fault = Callable[[World, float], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Scenario:
    """One row of the registry.

    `fault(world, strength)` is in effect when its block is entered, and gone when the block is left;
    `strength` 1 is what the sample data has, less is weaker. `lasts` is the fault's share of the run,
    `wires` are the calls (caller, callee) that go over a wire, `retries` how often services call again.
    """

    name: str
    kind: str
    fault: Fault
    endpoint: tuple[str, str] | None = None
    dependency: str | None = None
    lasts: float = 0.44
    wires: tuple[tuple[str, str], ...] = field(default=())
    retries: int = 0
