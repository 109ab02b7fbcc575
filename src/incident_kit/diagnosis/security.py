"""Find what a log shows of attacks, and what looks like one.

These are storms of logins, scanners, rate limits, and endpoints that turn everybody away. Such a finding
belongs to no incident, because guessing passwords breaks no SLO while it lasts. Each module in
`incident_kit.diagnosis.threats` has one function `find(refusals)` that returns a `Finding` or None. Networks
are named, never single clients.
"""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis import threats
from incident_kit.diagnosis.finders import finders
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import refusals
from incident_kit.measure.rollups.rollup import Rollup


def find_threats(requests: pl.DataFrame | None, rollup: Rollup) -> list[Finding]:
    """Run every kind of threat on a log; a rollup has no clients."""
    seen = refusals(requests, rollup)
    answers = [threat.find(seen) for threat in finders(threats)]
    return [finding for finding in answers if finding is not None]
