"""Pattern: an endpoint that nobody called before explains most of the incident."""

from __future__ import annotations

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.wording import UNEXPLAINED, count, percent

MOST_OF_THE_EXCESS = 0.5
"""A new endpoint is told of if it has more than this share of the excess."""


def find(case: Case) -> Finding | None:
    """Return the finding of an endpoint without a request in the baseline."""
    if case.endpoints.is_empty():
        return None
    first = case.endpoints.row(0, named=True)
    if first["baseline_requests"] or first["share"] <= MOST_OF_THE_EXCESS or first["route"] == UNEXPLAINED:
        return None
    return Finding(
        id="new-endpoint",
        priority="performance" if case.incident.indicator == "latency" else "reliability",
        claim=f"{case.endpoint} is new, and bad.",
        evidence=f"It had no request before, then {count(first['requests'], 'request')}, and explains "
        f"{percent(first['share'], 0)} of the excess.",
        change=f"Take {case.endpoint} back (roll back, or switch it off) until it meets its target.",
        risk="Who already calls it gets no answer at all.",
        verify="Send its requests to a test system and compare the answers with the targets.",
        monitor=f"Rate, errors and durations of {case.endpoint} from its first request on.",
    )
