"""Requests are slow, and their traces are not: the time is lost before the services, or after them."""

from __future__ import annotations

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding of an incident of latency that its traces do not show."""
    told = case.longer
    if told is None or not told.outside:
        return None
    return Finding(
        id="outside-traces",
        priority="performance",
        claim="The extra time lies outside the traced services: in a proxy before them, or with the clients.",
        evidence=f"{wording.count(told.requests, 'slow request')} took "
        f"{wording.milliseconds(told.logged_ms)} longer than usual in the log, and "
        f"{wording.milliseconds(max(told.traced_ms, 0.0))} in their traces.",
        change="Look at the proxy's queues and connections, and at whose clients are slow (networks, sizes).",
        risk="A slow client costs nobody else time, unless it holds a worker: do not tune services for it.",
        verify="Log the proxy's own phases, and compare them with the root spans of the same requests.",
        monitor="The difference between the proxy's duration and the root span's, by route.",
    )
