"""Slow requests end at one and the same duration: somebody's time-out, not the work, decides how long."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding

CLIFF_SHARE = 0.3
"""A third of the slow requests within 2 % of one duration; work of varying size does not do that."""
CLIFF_WIDTH = 1.02
FEWEST = 20
"""Fewer slow requests can bunch by chance."""


def find(case: Case) -> Finding | None:
    """Return the finding of an incident whose slow requests bunch at one duration."""
    if case.requests is None:
        return None
    slow = (
        case.requests.filter(case.during.covers(), pl.col("duration_ms") > case.targets.latency_ms)
        .get_column("duration_ms")
        .sort()
        .to_numpy()
    )
    if len(slow) < FEWEST:
        return None
    reach = np.searchsorted(slow, slow * CLIFF_WIDTH, side="right") - np.arange(len(slow))
    share = float(reach.max()) / len(slow)
    if share < CLIFF_SHARE:
        return None
    cliff = wording.milliseconds(float(slow[reach.argmax()]))
    return Finding(
        id="timeout-cliff",
        priority="reliability",
        claim=f"Slow requests wait for a time-out at about {cliff}.",
        evidence=f"{wording.percent(share, 0)} of {wording.count(len(slow), 'slow request')} "
        f"ended within 2 % of {cliff}.",
        change="Set that time-out just above the dependency's usual p99, and answer without it after that.",
        risk="A shorter time-out fails requests that would have succeeded late.",
        verify="Stop the dependency in a test: the endpoint must answer within its target.",
        monitor="How many calls end by time-out, by caller and callee.",
    )
