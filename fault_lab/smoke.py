"""A short recording, and what must be true of any recording."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from datetime import datetime
from pathlib import Path

from fault_lab.errors import LabError
from fault_lab.lab import Outcome, run
from fault_lab.plan import Plan
from fault_lab.recording import ACCESS_LOG, TRACES, TRUTH
from fault_lab.scenarios.registry import SCENARIOS

SMOKE_PLAN = Plan(seconds=40, rate=25, seed=7)
LINE = re.compile(r"\[(?P<time>[^]]+)\].* trace_id=(?P<trace_id>[0-9a-f]{32})$")


async def smoke() -> Outcome:
    """Run `slow-database` shrunk to less than a minute, and check its files.

    Raises
    ------
    LabError
        They contradict each other.
    """
    with tempfile.TemporaryDirectory(prefix="fault-lab-smoke-") as directory:
        outcome = await run(SCENARIOS["slow-database"], SMOKE_PLAN, Path(directory))
        check(Path(directory), outcome)
    return outcome


def check(directory: Path, outcome: Outcome) -> None:
    """Hold the files of a recording, taken with every trace, against each other and against the load.

    Raises
    ------
    LabError
        With the first contradiction.
    """
    with gzip.open(directory / ACCESS_LOG, "rt") as log:
        lines = [LINE.search(line.rstrip("\n")) for line in log]
    _hold(all(lines), "a line of the access log has no time or no trace id")
    matches = [line for line in lines if line]
    answered = sum(outcome.outcomes.values()) - outcome.outcomes["refused"] - outcome.outcomes["not sent"]
    _hold(len(matches) == answered, f"{answered} requests got in, but {len(matches)} lines were logged")
    traced = trace_ids(directory / TRACES)
    logged = {match["trace_id"] for match in matches}
    _hold(traced <= logged, f"{len(traced - logged)} traces have no line in the access log")
    _hold(len(traced) > len(logged) / 2, f"only {len(traced)} of {len(logged)} requests have a trace")
    truth = json.loads((directory / TRUTH).read_text())
    start, end = (datetime.fromisoformat(truth[key]) for key in ("start", "end"))
    first, last = (datetime.strptime(matches[i]["time"], "%d/%b/%Y:%H:%M:%S %z") for i in (0, -1))
    _hold(
        first < start < end < last, f"the fault ({start} to {end}) is not within the log ({first} to {last})"
    )


def trace_ids(traces: Path) -> set[str]:
    """Find the traces of which there is a span."""
    found = set()
    with gzip.open(traces, "rt") as lines:
        for line in lines:
            scopes = [
                scope for resource in json.loads(line)["resourceSpans"] for scope in resource["scopeSpans"]
            ]
            found |= {span["traceId"] for scope in scopes for span in scope["spans"]}
    return found


def _hold(condition: bool, otherwise: str) -> None:
    if not condition:
        raise LabError(f"the recording is not consistent: {otherwise}.")
