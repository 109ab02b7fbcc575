"""Find what makes requests bad at the same time of every day: it counts as usual, and is no incident.

Example: each night from 02:00 to 02:10, 40 % of the requests are slow, and 1 % at other times. Users feel it
all the same, and it takes of the SLO's budget.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit.diagnosis.detection.days import DailyStretch, Days
from incident_kit.diagnosis.detection.signals import Watch, watches_of
from incident_kit.diagnosis.detection.usual_share import DAY_S
from incident_kit.diagnosis.findings import Finding
from incident_kit.diagnosis.refusals import busiest
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets
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
    watches = [watch for watch in watches_of(rollup, targets) if watch.kind != "outage"]
    found = [(watch, Days.of(watch.series).worst_stretch(watch.slo)) for watch in watches]
    return [_finding(rollup, watch, daily) for watch, daily in found if daily is not None]


def _finding(rollup: Rollup, watch: Watch, daily: DailyStretch) -> Finding:
    begin = watch.series.first + timedelta(seconds=daily.begins_s)
    end = begin + timedelta(seconds=daily.lasts_s)
    is_latency = watch.kind == "latency"
    bad = f"take longer than {milliseconds(watch.slo.threshold_ms)}" if is_latency else "fail"
    when = f"from {begin:%H:%M} to {end:%H:%M} UTC"
    is_busy = daily.load >= BUSY
    load = f", with {daily.load:.2g} times as many requests as at other times" if is_busy else ""
    return Finding(
        id="every-day",
        priority="performance" if is_latency else "reliability",
        claim=f"Every day {when}, {rate(daily.share)} of the requests {bad}, mostly those of "
        f"{_endpoint(rollup, watch, daily)}; at other times {rate(daily.otherwise)} do.",
        evidence=f"It was so on {daily.bad_days} of {daily.days} days{load}. What comes daily counts as "
        "usual, and is no incident here.",
        change=FOR_LOAD if is_busy else FOR_JOBS,
        risk="More instances load what they share, such as a database; a job that is throttled takes longer.",
        verify=f"Change it for one day, and see whether requests are as good {when} as at other times.",
        monitor=f"The share of requests that {bad}, {when}.",
    )


def _endpoint(rollup: Rollup, watch: Watch, daily: DailyStretch) -> str:
    """Return the endpoint with most of the bad requests at that time of the day."""
    first = int(watch.series.first.timestamp())
    since = (pl.col("time").dt.epoch("s") - first - daily.begins_s) % DAY_S
    return busiest(bad_counts(rollup, watch.slo).filter(since < daily.lasts_s), "bad")
