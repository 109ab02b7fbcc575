"""Pattern: requests stopped arriving by the log; or they did arrive, and only the log lacks them."""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding of an outage, or of a gap in the log if traces show the missing requests."""
    if case.incident.kind != "outage":
        return None
    missing = wording.count(case.incident.bad, "request")
    if case.not_in_traces is not None and case.not_in_traces.proof is not None:
        return _not_logged(missing, case.not_in_traces.proof)
    arrived = int(case.rollup.counts.filter(case.during.covers("time"))["requests"].sum())
    return Finding(
        id="missing-requests",
        priority="reliability",
        claim=f"Requests stopped arriving: {missing} that were to be expected did not.",
        evidence=f"From {wording.stretch(case.during.start, case.during.end)} the log has "
        f"{wording.count(arrived, 'request')}, where {arrived + case.incident.bad:,} were to be expected.",
        change="See from outside whether the service can be reached (names, certificate, load balancer, "
        "network), and on the proxy whether it ran and could write its log.",
        risk="Whoever could not be served asks again when it is over: expect more than the usual load.",
        verify="Requests arrive at their usual rate, also from a probe outside.",
        monitor="An alert on missing traffic, and a probe from outside: no request fails that never arrives.",
    )


def _not_logged(missing: str, proof: str) -> Finding:
    return Finding(
        id="missing-requests",
        priority="functionality",
        claim=f"{missing} are missing in the log, and not in the traces: they were served, and not logged.",
        evidence=proof,
        change="Look at what happened to the log in that time: its disk, its rotation, its shipper; diagnose "
        "the traces alone for how the requests went.",
        risk="What is counted from the log alone says that the service was out.",
        verify="The log has as many requests as the traces have, in that time as in any other.",
        monitor="Lines logged a minute, beside requests traced.",
    )
