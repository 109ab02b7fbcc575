"""Pattern: requests go bad and their traces do not, so the fault lies before, after or outside the spans."""

from __future__ import annotations

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.failing_outside import LEFT_NO_TRACE
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding that the traces of an incident's own requests do not show it."""
    if case.not_in_traces is None or case.not_in_traces.proof is None or case.incident.kind == "outage":
        return None
    if case.incident.indicator == "latency":
        return _slow(case.not_in_traces.proof)
    return (_lost if case.not_in_traces.objection == LEFT_NO_TRACE else _failed)(case.not_in_traces.proof)


def _slow(evidence: str) -> Finding:
    return Finding(
        id="outside-traces",
        priority="performance",
        claim="The extra time lies outside the traced services: in a proxy before them, or with the clients.",
        evidence=evidence,
        change="Look at the proxy's queues and connections, and at whose clients are slow (networks, sizes).",
        risk="A slow client costs nobody else time, unless it holds a worker: do not tune services for it.",
        verify="Log the proxy's own phases, and compare them with the root spans of the same requests.",
        monitor="The difference between the proxy's duration and the root span's, by route.",
    )


def _lost(evidence: str) -> Finding:
    return Finding(
        id="outside-traces",
        priority="reliability",
        claim="The requests that failed left hardly any trace: they reached no traced service, or one that "
        "died or hung with them.",
        evidence=evidence,
        change="Look at the proxy's error log for whom it could not reach or gave up on, and whether the "
        "processes behind it ran all the time.",
        risk="Traces show nothing of such failures: alerts that are made of spans stay silent.",
        verify="The requests that fail leave traces, or none fails any more.",
        monitor="The proxy's own 502, 503 and 504, beside the errors of the first service.",
    )


def _failed(evidence: str) -> Finding:
    return Finding(
        id="outside-traces",
        priority="reliability",
        claim="The requests that failed went well in their traces: they fail on the way back, at a proxy "
        "before the services.",
        evidence=evidence,
        change="Look at the proxy's error log: its time-outs, its limits on headers and bodies, its "
        "connections to the services.",
        risk="Traces show nothing of such failures: alerts that are made of spans stay silent.",
        verify="The proxy's failures return to what they were.",
        monitor="The proxy's own 5xx, beside the errors of the first service.",
    )
