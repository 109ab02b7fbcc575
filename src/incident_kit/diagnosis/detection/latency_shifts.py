"""Which endpoints' latency quantile moved in an incident, and by how many milliseconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.histogram import bucket_index
from incident_kit.measure.indicators.quantile_shift import quantile_shift
from incident_kit.measure.requests.validity import exclusion_reason
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.window import Window
from incident_kit.wording import count, endpoint, milliseconds, quantile

QUANTILES = {
    **dict.fromkeys(ENDPOINT, pl.String),
    **dict.fromkeys(
        ("before_ms", "during_ms", "shift_ms", "low_ms", "high_ms", "contribution_ms"), pl.Float64
    ),
    "moved": pl.Boolean,
    "requests": pl.Int64,
}
"""The columns of a table of quantiles."""

NOTABLE = 0.1
"""Another endpoint's shift is mentioned if it is at least a tenth of the first one's."""


def latency_shifts(
    rollup: Rollup, requests: pl.DataFrame | None, incident: Incident, q: float
) -> pl.DataFrame:
    """Compare an incident's latency quantile with its baseline's, endpoint by endpoint.

    If requests are given, the windows are exact to the instant; a rollup alone has the buckets of its
    histograms. Returns [method, route, before_ms, during_ms, shift_ms, low_ms, high_ms, contribution_ms,
    moved, requests] as `quantile_shift` does, greatest contribution first. Durations in two units tell
    nothing.
    """
    if rollup.unit_change is not None:
        return pl.DataFrame(schema=QUANTILES)
    windows = (incident.baseline, incident.during(rollup.meta.last))
    before, during = (
        rollup.latency.filter(one.covers("time")) if requests is None else _histogram(requests, one)
        for one in windows
    )
    shifts = quantile_shift(before.drop_nulls("route"), during.drop_nulls("route"), q)
    return shifts.rename({"low": "low_ms", "high": "high_ms"}).select(
        pl.col(name).cast(kind) for name, kind in QUANTILES.items()
    )


def _histogram(requests: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Return [method, route, bucket, requests] of the valid requests in a window."""
    timed = (
        requests.lazy()
        .filter(window.covers(), pl.col("duration_ms").is_not_null())
        .select(*ENDPOINT, "duration_ms", exclusion_reason())
        .filter(pl.col("reason").is_null())
        .collect()
    )
    bucket = pl.Series("bucket", bucket_index(timed["duration_ms"].to_numpy()), dtype=pl.Int32)
    counts = timed.select(*ENDPOINT, bucket).group_by(*ENDPOINT, "bucket")
    return counts.agg(pl.len().cast(pl.Int64).alias("requests"))


def shifts_in_words(rows: Sequence[Mapping[str, Any]], q: float) -> str:
    """Say which endpoint's quantile moved and by how much, and how many others' did; rows of QUANTILES."""
    known = [row for row in rows if row["moved"] is not None]
    moved = [row for row in known if row["moved"]]
    name = quantile(q)
    if not known:
        return f"Too few requests to say whose {name} moved."
    if not moved:
        return f"No endpoint's own {name} moved."
    row = moved[0]
    others = sum(abs(other["shift_ms"]) >= NOTABLE * abs(row["shift_ms"]) for other in moved[1:])
    change, low, high = (milliseconds(row[column]) for column in ("shift_ms", "low_ms", "high_ms"))
    elsewhere = f"; it moved at {count(others, 'other endpoint')} too" if others else ""
    return (
        f"The {name} of {endpoint(row['method'], row['route'])} moved from {milliseconds(row['before_ms'])} "
        f"to {milliseconds(row['during_ms'])}, by {change} ({low} to {high}){elsewhere}."
    )
