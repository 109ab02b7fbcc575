"""Slow requests end at one and the same duration: something fixed, not the work, decides how long.

A time-out does that, and so does a pause before a retry, or a network that is slow by the same amount for
all. Only where the requests that end there fail is it said to be a time-out.
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
"""A time-out that is not caught fails the request; where most of those that bunch succeed, it may be else."""


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
    cliff = wording.milliseconds(float(bunch["duration_ms"][0]))
    share = wording.percent(len(bunch) / len(slow), 0)
    timed_out = bunch["failed"].sum() > MOSTLY_FAIL * len(bunch)
    what = "" if timed_out else ": a time-out, a pause or a fixed delay, no work"
    return Finding(
        id="timeout-cliff",
        priority="reliability",
        claim=f"Slow requests fail by a time-out at about {cliff}."
        if timed_out
        else f"Slow requests take one and the same time, about {cliff}.",
        evidence=f"{share} of {wording.count(len(slow), 'slow request')} ended within 2 % of {cliff}{what}.",
        change="Set that time-out just above the dependency's usual p99, and answer without it after that."
        if timed_out
        else "Look for a time-out, a pause before a retry or a fixed delay of that length on their way.",
        risk="A shorter time-out fails requests that would have succeeded late.",
        verify="Stop the dependency in a test: the endpoint must answer within its target.",
        monitor="How many calls end by time-out, by caller and callee.",
    )
