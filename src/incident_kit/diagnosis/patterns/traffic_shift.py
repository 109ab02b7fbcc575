"""Pattern: traffic moved to an endpoint that was always bad, and nothing got worse."""

from __future__ import annotations

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.wording import percent


def find(case: Case) -> Finding | None:
    """Return the finding of an incident of the kind `traffic`."""
    if case.incident.kind != "traffic":
        return None
    mix = float(case.endpoints.get_column("mix_share").sum())
    return Finding(
        id="traffic-shift",
        priority="performance",
        claim="Traffic moved; no endpoint got worse.",
        evidence=f"{percent(mix, 0)} of the excess comes from more requests to endpoints that were bad "
        f"before, first of them {case.endpoint}.",
        change=f"Make {case.endpoint} meet its target, or limit its rate, before traffic grows again.",
        risk="A rate limit turns slow answers into refused ones.",
        verify="Replay the incident's mix of requests in a load test.",
        monitor=f"The share of requests that go to {case.endpoint}.",
    )
