"""Slow requests end at one and the same duration: something fixed, not the work, decides how long.

A time-out does that, and so do the pauses between retries, or a network that is slow by the same amount for
all. Which of them it is no duration tells.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.bad_requests import bad

CLIFF_SHARE = 0.3
"""A third of the slow requests within 2 % of one duration; work of varying size does not do that."""
CLIFF_WIDTH = 1.02
FEWEST = 20
"""Fewer slow requests can bunch by chance."""
MOSTLY_FAIL = 0.5
"""Where most of those that bunch fail, or their clients leave, a time-out comes first to mind."""


def find(case: Case) -> Finding | None:
    """Return the finding of an incident whose slow requests bunch at one duration."""
    if case.requests is None:
        return None
    slow = (
        case.requests.filter(case.during.covers(), pl.col("duration_ms") > case.targets.latency_ms)
        .select("duration_ms", failed=bad(case.targets.available))
        .sort("duration_ms")
    )
    if len(slow) < FEWEST:
        return None
    took = slow["duration_ms"].to_numpy()
    reach = np.searchsorted(took, took * CLIFF_WIDTH, side="right") - np.arange(len(took))
    bunch = slow.slice(int(reach.argmax()), int(reach.max()))
    if len(bunch) < CLIFF_SHARE * len(slow):
        return None
    return _finding(slow, bunch)


def _finding(slow: pl.DataFrame, bunch: pl.DataFrame) -> Finding:
    cliff, share = wording.milliseconds(float(bunch["duration_ms"][0])), len(bunch) / len(slow)
    fail = bunch["failed"].sum() > MOSTLY_FAIL * len(bunch)
    what = "a time-out or pauses between retries" if fail else "a fixed delay or a pause"
    return Finding(
        id="timeout-cliff",
        priority="reliability",
        claim=f"Slow requests {'fail after' if fail else 'take'} one and the same time, about {cliff}.",
        evidence=f"{wording.percent(share, 0)} of {wording.count(len(slow), 'slow request')} ended within "
        f"2 % of {cliff}: {what}, no work.",
        change="If it is a time-out, set it just above the dependency's usual p99, and answer without it "
        "after that; else look for a pause or a fixed delay of that length.",
        risk="A shorter time-out fails requests that would have succeeded late.",
        verify="Stop the dependency in a test: the endpoint must answer within its target.",
        monitor="How many calls end by time-out, by caller and callee.",
    )
