"""Find what makes requests bad at the same time of every day: it counts as usual, and is no incident.

Example: each night from 02:00 to 02:10, 40 % of the requests are slow, and 1 % at other times. Users feel it
all the same, and it takes of the SLO's budget.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from incident_kit.diagnosis.detection.days import DailyStretch, Days
from incident_kit.diagnosis.detection.series import series
from incident_kit.diagnosis.detection.usual_share import DAY_S
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import busiest
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo, Targets
from incident_kit.wording import milliseconds, rate

BUSY = 1.3
"""With so many times the requests of other times, load may be the reason."""

FOR_JOBS = "Find what runs then: a scheduled job, a backup, an export. Throttle it, or move it elsewhere."
FOR_LOAD = (
    "Find what runs short when most requests come: instances, threads, connections, a database. Add of it "
    "before that hour, or shed load; and see whether a scheduled job runs then."
)


def find_every_day(rollup: Rollup, targets: Targets) -> list[Finding]:
    """Return a finding for each SLO that is missed at one time of most days; a log needs three days."""
    counted = [(slo, series(rollup, slo)) for slo in (targets.errors, targets.latency)]
    found = [(slo, one.first, Days.of(one).worst_stretch(slo)) for slo, one in counted if one is not None]
    return [_finding(rollup, slo, first, daily) for slo, first, daily in found if daily is not None]


def _finding(rollup: Rollup, slo: Slo, first: datetime, daily: DailyStretch) -> Finding:
    begin = first + timedelta(seconds=daily.begins_s)
    end = begin + timedelta(seconds=daily.lasts_s)
    is_latency = slo.indicator == "latency"
    bad = f"take longer than {milliseconds(slo.threshold_ms)}" if is_latency else "fail"
    when = f"from {begin:%H:%M} to {end:%H:%M} UTC"
    is_busy = daily.load >= BUSY
    load = f", with {daily.load:.2g} times as many requests as at other times" if is_busy else ""
    return Finding(
        id="every-day",
        priority="performance" if is_latency else "reliability",
        claim=f"Every day {when}, {rate(daily.share)} of the requests {bad}, mostly those of "
        f"{_endpoint(rollup, slo, first, daily)}; at other times {rate(daily.otherwise)} do.",
        evidence=f"It was so on {daily.bad_days} of {daily.days} days{load}. What comes daily counts as "
        "usual, and is no incident here.",
        change=FOR_LOAD if is_busy else FOR_JOBS,
        risk="More instances load what they share, such as a database; a job that is throttled takes longer.",
        verify=f"Change it for one day, and see whether requests are as good {when} as at other times.",
        monitor=f"The share of requests that {bad}, {when}.",
    )


def _endpoint(rollup: Rollup, slo: Slo, first: datetime, daily: DailyStretch) -> str:
    """Return the endpoint with most of the bad requests at that time of the day."""
    since = (pl.col("time").dt.epoch("s") - int(first.timestamp()) - daily.begins_s) % DAY_S
    return busiest(bad_counts(rollup, slo).filter(since < daily.lasts_s), "bad")
