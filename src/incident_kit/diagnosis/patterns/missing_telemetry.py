"""Pattern: the data could not show the cause; say what to record so that it can next time."""

from __future__ import annotations

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding


def find(case: Case) -> Finding | None:
    """Return the finding that an incident was analysed without traces."""
    if case.tree is not None and not case.tree.spans.is_empty():
        return None
    return Finding(
        id="missing-traces",
        priority="functionality",
        claim="Without traces the cause can be named no closer than the upstream.",
        evidence="No spans were given.",
        change="Instrument the services with OpenTelemetry, and log the traceparent at the proxy.",
        risk="Recording every trace costs storage; sample at the head and note the rate.",
        verify="The share of requests that join a trace stands in the report's inputs.",
        monitor="That share, by route.",
    )
