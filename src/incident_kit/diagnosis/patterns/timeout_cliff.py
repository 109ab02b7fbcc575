"""Pattern: slow requests bunch at one duration, so something fixed decides how long they take.

Example: of 90 slow requests 60 took 5.00 to 5.02 s. A time-out does that, and so do pauses between retries, a
network that delays all requests by the same amount, or work that hardly varies. The duration does not tell
which.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.indicators.bad_requests import is_bad

CLIFF_SHARE = 0.3
"""A third of the slow requests lies within 2 % of one duration; work of varying size does not do that."""
CLIFF_WIDTH = 1.02
MIN_SLOW = 20
"""Fewer slow requests than this can bunch by chance."""
MOSTLY_FAIL = 0.5
"""If most requests in the bunch fail, or their clients leave, a time-out is the first guess."""


BELOW = 0.5
"""At most half as many requests as bunch end just below it. Otherwise the target cuts a broad hill, and what
is left of the hill looks like a cliff."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident's slow requests bunch at one duration."""
    if case.requests is None:
        return None
    timed = (
        case.requests.filter(case.during.covers())
        .select("duration_ms", failed=is_bad(case.targets.available))
        .drop_nulls("duration_ms")
        .sort("duration_ms")
    )
    slow = timed.filter(pl.col("duration_ms") > case.targets.latency_ms)
    if len(slow) < MIN_SLOW:
        return None
    took = slow["duration_ms"].to_numpy()
    reach = np.searchsorted(took, took * CLIFF_WIDTH, side="right") - np.arange(len(took))
    begin, count = int(reach.argmax()), int(reach.max())
    below = timed["duration_ms"].is_between(took[begin] / CLIFF_WIDTH, took[begin], closed="left").sum()
    if count < CLIFF_SHARE * len(slow) or below > BELOW * count:
        return None
    if _step_ms(timed["duration_ms"].to_numpy()) > (CLIFF_WIDTH - 1) * took[begin]:
        return None
    return _finding(slow, slow.slice(begin, count))


def _step_ms(took: Floats) -> float:
    """Return the step in which a log writes sorted durations; with a coarse clock, all of them bunch."""
    steps = np.diff(took)
    return float(steps[steps > 0].min(initial=np.inf))


def _finding(slow: pl.DataFrame, bunch: pl.DataFrame) -> Finding:
    cliff, share = wording.milliseconds(float(bunch["duration_ms"][0])), len(bunch) / len(slow)
    fail = bunch["failed"].sum() > MOSTLY_FAIL * len(bunch)
    what = "a time-out or pauses between retries" if fail else "a fixed delay or a pause"
    return Finding(
        id="timeout-cliff",
        priority="reliability",
        claim=f"Slow requests bunch{' and fail' if fail else ''} at about {cliff}.",
        evidence=f"{wording.percent(share, 0)} of {wording.count(len(slow), 'slow request')} ended within "
        f"2 % of {cliff}, as they do after {what}.",
        change="If it is a time-out, set it just above the dependency's usual p99, and answer without it "
        "after that; else look for a pause or a fixed delay of that length.",
        risk="A shorter time-out fails requests that would have succeeded late.",
        verify="Stop the dependency in a test: the endpoint must answer within its target.",
        monitor="How many calls end by time-out, by caller and callee.",
    )
