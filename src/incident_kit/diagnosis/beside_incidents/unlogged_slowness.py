"""Find requests that were slow by their traces, while the log has no durations."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.diagnosis.endpoints import endpoint_shares
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.slo import Targets
from incident_kit.wording import clock, count, endpoint, milliseconds


def find_unlogged_slowness(rollup: Rollup, traced: pl.DataFrame, targets: Targets) -> list[Finding]:
    """Return the finding of the worst incident of latency in the traces of a log without durations.

    `rollup` is that of the log; `traced` are the requests as the traces have them.
    """
    if not rollup.latency.is_empty() or traced.is_empty():
        return []
    timed = rollup_requests(traced, targets=targets)
    slow = [one for one in find_incidents(timed, targets) if one.kind == "latency" and one.worse]
    return [_finding(timed, max(slow, key=lambda one: one.excess))] if slow else []


def _finding(timed: Rollup, slow: Incident) -> Finding:
    first = endpoint_shares(timed, slow).row(0, named=True)
    window = slow.during(timed.meta.last)
    traces = f"{count(slow.bad, 'traced request')} took longer than {milliseconds(slow.threshold_ms)}"
    return Finding(
        id="unlogged-slowness",
        priority="reliability",
        claim=f"By their traces requests were slow, {endpoint(first['method'], first['route'])} most of all; "
        "the log has no durations, and cannot show it.",
        evidence=f"{traces} between {clock(window.start)} and {clock(window.end)}, {slow.excess:,.0f} more "
        "than expected.",
        change="Diagnose the traces without the log to see why; and log how long requests take (nginx's "
        "$request_time, Apache's %D).",
        risk="Traces that are sampled show a part of the requests, and which part depends on the sampler.",
        verify="The latency target has a verdict where the log has durations.",
        monitor="The p95 of the root spans, by route.",
    )
