"""Replay burn-rate alerts on a log: which would have fired, and how long after the onset."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.indicators.error_budget import backtest
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets


def fired_alerts(rollup: Rollup, targets: Targets) -> pl.DataFrame:
    """Return [indicator, alert, severity, start, end, peak_burn], in the order of time.

    The alerts are those of The Site Reliability Workbook, chapter 5. A window that reaches back before the
    log is judged by the requests that the log has.
    """
    fired = [
        backtest(bad_counts(rollup, slo, by=()), slo).select(
            pl.lit(slo.indicator).alias("indicator"), pl.all()
        )
        for slo in (targets.errors, targets.latency)
    ]
    return pl.concat(fired).sort("start", "alert")


def outages(rollup: Rollup, targets: Targets) -> list[Incident]:
    """Return the stretches in which expected requests never arrived, which no burn-rate alert sees."""
    return [one for one in find_incidents(rollup, targets) if one.kind == "outage"]
