"""What was done, and what a diagnosis is to answer: `truth.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from fault_lab.plan import Plan
from fault_lab.scenarios.scenario import Scenario


@dataclass(frozen=True)
class Truth:
    """The answer to a recording; `start` and `end` are when the fault took effect and when it was gone.

    `kind` is `latency`, `errors`, `traffic`, `outage` or `none`; `endpoint` has `method` and `route`.
    """

    scenario: str
    kind: str
    start: str | None
    end: str | None
    endpoint: dict[str, str] | None
    dependency: str | None
    trace_sampling: float
    seed: int
    strength: float = 1.0

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")


def truth_of(scenario: Scenario, plan: Plan, start: datetime, end: datetime) -> Truth:
    """Say what was done from `start` to `end`; where nothing was done, no time and no name is given."""
    nothing = scenario.kind == "none"
    endpoint = scenario.endpoint
    return Truth(
        scenario=scenario.name,
        kind=scenario.kind,
        start=None if nothing else iso(start),
        end=None if nothing else iso(end),
        endpoint={"method": endpoint[0], "route": endpoint[1]} if endpoint else None,
        dependency=scenario.dependency,
        trace_sampling=plan.sampling,
        seed=plan.seed,
        strength=plan.strength,
    )


def now() -> datetime:
    """Read the clock by which everything is recorded."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """As the truth writes times: UTC, to the millisecond."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
