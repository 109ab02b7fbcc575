"""Attribute the extra bad requests to endpoints."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.indicators.shares import COLUMNS, shares
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

COUNTS = ("bad", "requests", "baseline_bad", "baseline_requests")
ENDPOINTS = {
    **dict.fromkeys(ENDPOINT, pl.String),
    **{name: pl.Int64 if name in COUNTS else pl.Float64 for name in COLUMNS},
}
"""The columns of a table of endpoints."""


def endpoint_shares(rollup: Rollup, incident: Incident) -> pl.DataFrame:
    """Attribute an incident's extra bad requests to endpoints; the columns are those of `shares`."""
    return shares(*_incident_counts(rollup, incident))


def _incident_counts(rollup: Rollup, incident: Incident) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the counts [time, method, route, requests, bad] of an incident's baseline, and of the incident.

    For an outage, the bad requests are those that never arrived.
    """
    counts = bad_counts(rollup, incident.slo)
    window = incident.during(rollup.meta.last)
    before, during = counts.filter(incident.baseline.covers("time")), counts.filter(window.covers("time"))
    if incident.kind != "outage":
        return before, during
    expected = pl.col("requests").sum() * (window.seconds / incident.baseline.seconds)
    arrived = during.group_by(ENDPOINT).agg(pl.col("requests").sum().alias("arrived"))
    missing = (
        before.group_by(ENDPOINT)
        .agg(pl.col("time").min(), expected.round().cast(pl.Int64))
        .join(arrived, on=ENDPOINT, how="left", nulls_equal=True)
        .with_columns(bad=(pl.col("requests") - pl.col("arrived").fill_null(0)).clip(lower_bound=0))
    )
    return before.with_columns(bad=pl.lit(0, dtype=pl.Int64)), missing.select(before.columns)
