"""Check whether requests that a log lacks were served all the same: then they have traces."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.causes.not_in_traces import MIN_TRACES, NotInTraces
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.window import Window
from incident_kit.wording import count

MOSTLY = 0.5
"""Traces that have half of what the log lacks have more than what gets through in an outage."""

WERE_SERVED = "traces show that the requests which the log lacks were served"
"""The objection to any cause."""


def unlogged_requests(
    rollup: Rollup, traced: pl.DataFrame, incident: Incident, during: Window
) -> NotInTraces | None:
    """Return the objection that only the log has an outage, if traces go on during it; else None.

    `traced` are the requests as the traces have them.
    """
    usual, now = (traced.filter(window.covers()).height for window in (incident.baseline, during))
    expected = usual * during.seconds / max(incident.baseline.seconds, 1)
    logged = int(rollup.counts.filter(during.covers("time"))["requests"].sum())
    lacking = incident.bad / max(logged + incident.bad, 1)
    if now < MIN_TRACES or now < (1 - (1 - MOSTLY) * lacking) * expected:
        return None
    proof = f"In that time {count(now, 'request')} have a trace, where {expected:,.0f} are usual."
    return NotInTraces(WERE_SERVED, proof)
