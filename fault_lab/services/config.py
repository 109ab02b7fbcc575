"""What one service process is told when it starts, as one JSON argument."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Misbehaviour:
    """What a bad release does on one route: time it wastes there, and the share of requests that fail."""

    route: str
    delay_ms: float = 0.0
    failure_rate: float = 0.0


@dataclass(frozen=True)
class ServiceConfig:
    """One process of one service.

    `peers` are ports by service name; `retries` is how often a failed call is made again, at once.
    """

    name: str
    version: str
    instance: str
    port: int
    spans: str
    sampling: float
    seed: int
    database_port: int
    peers: dict[str, int] = dataclasses.field(default_factory=dict)
    retries: int = 0
    misbehaviour: Misbehaviour | None = None

    def to_json(self) -> str:
        """Write the argument for the process."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> ServiceConfig:
        """Read it in the process."""
        values = json.loads(text)
        if values["misbehaviour"] is not None:
            values["misbehaviour"] = Misbehaviour(**values["misbehaviour"])
        return cls(**values)
