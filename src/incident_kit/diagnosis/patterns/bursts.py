"""Pattern: the bad requests come in bursts at regular intervals, and between them nearly none is bad.

Example: an instance crashes, is started again, and crashes two minutes later. One incident of half an hour
holds fifteen bursts of ten seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.regularity import regular_interval
from incident_kit.measure.indicators.bad_requests import bad_counts

BAD_IN_A_SLOT = 5
"""Buckets are joined to slots until the incident has so many bad requests in each on average, because chance
makes gaps where there are few."""

QUIET_BAD = 0.1
"""Most of the bad requests lie in bursts: all quiet slots together have at most this share."""

QUIET_TIME = 0.3
"""Quiet slots are at least this share of the incident."""

MIN_BURSTS = 4
"""Fewest bursts that are worth a finding."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident comes and goes at regular intervals."""
    by_time = bad_counts(case.rollup, case.incident.slo, by=()).filter(case.during.covers("time"))
    if by_time.height < 2 * MIN_BURSTS or case.incident.kind == "outage":
        return None
    width = int(by_time["time"].diff().min().total_seconds())  # type: ignore[union-attr]
    bad = _dense(by_time, width)
    joined = max(1, round(BAD_IN_A_SLOT / max(float(bad.mean()), 1e-9)))
    slots = np.add.reduceat(bad, np.arange(0, len(bad), joined))
    is_burst = _is_burst(slots)
    if not _are_apart(slots, is_burst):
        return None
    begins = _begins(bad, is_burst, joined) * width
    interval_s = regular_interval(begins.tolist(), width)
    if interval_s is None or len(begins) < MIN_BURSTS:
        return None
    first = by_time["time"][0] + timedelta(seconds=int(begins[0]))
    return _finding(len(begins), first, interval_s, int(is_burst.sum()) * joined * width / len(begins))


def _dense(by_time: pl.DataFrame, width: int) -> Ints:
    """Return the bad requests of every bucket, also of those without any request."""
    seconds = by_time["time"].dt.epoch("s").to_numpy()
    places = (seconds - seconds[0]) // width
    bad = np.zeros(int(places[-1]) + 1, dtype=np.int64)
    bad[places] = by_time["bad"].to_numpy()
    return bad


def _is_burst(slots: Ints) -> Bools:
    """Return which slots have more bad requests than the mean; a single slot between two such is one too."""
    high: Bools = slots > slots.mean()
    between = np.zeros_like(high)
    between[1:-1] = high[:-2] & high[2:]
    high |= between
    return high


def _are_apart(slots: Ints, is_burst: Bools) -> bool:
    quiet = slots[~is_burst]
    return bool(quiet.sum() <= QUIET_BAD * slots.sum() and len(quiet) >= QUIET_TIME * len(slots))


def _begins(bad: Ints, is_burst: Bools, joined: int) -> Ints:
    """Return the bucket of the first bad request of each burst; a slot holds `joined` buckets."""
    first_slots = np.flatnonzero(np.diff(is_burst.astype(np.int8), prepend=0) == 1)
    hit = np.flatnonzero(bad)
    return hit[np.searchsorted(hit, first_slots * joined)]


def _finding(number: int, first: datetime, interval_s: float, length_s: float) -> Finding:
    every, long = wording.duration_words(interval_s), wording.duration_words(length_s)
    return Finding(
        id="bursts",
        priority="reliability",
        claim=f"It comes and goes: {wording.count(number, 'burst')}, one every {every}.",
        evidence=f"They are about {long} long, and hardly any request between them is bad; the first began "
        f"at {wording.clock(first)}.",
        change="Look for what repeats so: an instance that crashes and is started again, a health check that "
        "takes it out and in, a job, a cache that expires, a collection of garbage.",
        risk="An average over minutes hides bursts, and so does an alert on it.",
        verify="See in the logs of the instances and of the scheduler what happened when the bursts began.",
        monitor="Bad requests by second, and the age of each instance.",
    )
