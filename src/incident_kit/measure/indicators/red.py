"""Measure rate, errors and duration (RED) over time, from requests or from a rollup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.indicators.bad_requests import FAILED
from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.measure.rollups.latency_quantiles import latency_quantiles
from incident_kit.measure.rollups.merging import coarsen, readable
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import ENDPOINT, AnyFrame
from incident_kit.slo import Targets

MIN_COVERED = 0.9
"""Fraction of a bucket that the log must cover. It is below 1 because requests never begin exactly at the
edge.
"""

SUMS = ("requests", "slow", "timed")
RATES = ("requests", "requests_per_s", "errors", "error_rate", "slow", "slow_rate")
QUANTILES = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}


def red(
    data: AnyFrame | Rollup,
    *,
    by: str | Sequence[str] = (),
    bucket_s: int | None = None,
    targets: Targets | Mapping[str, float] | None = None,
) -> pl.DataFrame:
    """Measure rate, errors and duration over time.

    Parameters
    ----------
    data
        A frame of REQUESTS, or a `Rollup`.
    by
        Columns to group by: `method`, `route` or both; one may be given as text.
    bucket_s
        Seconds between points; by default a width that fits the span (10 s for ten minutes, a minute for two
        hours, two hours for a month). Points of a rollup are a common multiple of that and of its own coarse
        bucket apart, in which its latencies are counted.
    targets
        The targets, or a mapping of the ones that differ from the defaults. A rollup has its own targets.

    Returns
    -------
    pl.DataFrame
        `[time, *by, requests, requests_per_s, errors, error_rate, slow, slow_rate, p50_ms, p95_ms, p99_ms,
        partial]`. `slow_rate` refers to the requests that have a duration; it and the quantiles are null if
        no request has one. `partial` marks the first and last point if the log covers them only in part. The
        rate of a partial point is null; otherwise the log would seem to begin and end with a lull. For the
        whole service, points without any request are present with a rate of 0, so an outage is no gap in the
        data.

    Raises
    ------
    ParameterError
        If `by` names another column, or `bucket_s` is no whole number of seconds, or no multiple of a
        rollup's own bucket.
    """
    by = (by,) if isinstance(by, str) else tuple(by)
    unknown = [name for name in by if name not in ENDPOINT]
    if unknown:
        raise ParameterError(f"RED cannot be measured by {', '.join(unknown)}; use {', '.join(ENDPOINT)}.")
    rollup = _rolled_up(data, bucket_s, targets)
    keys = ["time", *by]
    durations = latency_quantiles(rollup.latency, keys, QUANTILES).drop("requests")
    joined = _rates(rollup, keys).join(durations, on=keys, how="left", nulls_equal=True)
    return joined.select(*keys, *RATES, *QUANTILES, "partial").sort(keys)


def _rates(rollup: Rollup, keys: Sequence[str]) -> pl.DataFrame:
    """Return the columns `RATES` and `partial` for each bucket of time and each value of the other keys."""
    width = rollup.meta.coarse_bucket_s
    rows = rollup.counts.with_columns(floor_time("time", width))
    return (
        (rows if len(keys) > 1 else _without_gaps(rows, width))
        .group_by(keys)
        .agg(pl.col(SUMS).sum(), FAILED.sum().alias("errors"))
        .with_columns(
            partial=_covered(rollup, width) < MIN_COVERED,
            error_rate=pl.when(pl.col("requests") > 0).then(pl.col("errors") / pl.col("requests")),
            slow_rate=pl.when(pl.col("timed") > 0).then(pl.col("slow") / pl.col("timed")),
        )
        .with_columns(requests_per_s=pl.when(~pl.col("partial")).then(pl.col("requests") / width))
    )


def _covered(rollup: Rollup, width: int) -> pl.Expr:
    """Return the expression for the fraction of the bucket beginning at `time` that lies within the log."""
    end = pl.col("time") + timedelta(seconds=width)
    within = pl.min_horizontal(end, pl.lit(rollup.meta.last)) - pl.max_horizontal(
        "time", pl.lit(rollup.meta.first)
    )
    return within.dt.total_microseconds() / (width * 1_000_000)


def _without_gaps(rows: pl.DataFrame, width: int) -> pl.DataFrame:
    """Return the rows, plus a row without requests for each bucket between the first and the last."""
    if rows.is_empty():
        return rows
    first, last = rows.select(first=pl.col("time").min(), last=pl.col("time").max()).row(0)
    times = pl.datetime_range(first, last, f"{width}s", time_zone="UTC", time_unit="us", eager=True).alias(
        "time"
    )
    nothing = times.to_frame().with_columns(pl.lit(0, dtype=pl.Int64).alias(name) for name in SUMS)
    return pl.concat([rows.select("time", "status", *SUMS), nothing], how="diagonal")


def _rolled_up(
    data: AnyFrame | Rollup, bucket_s: int | None, targets: Targets | Mapping[str, float] | None
) -> Rollup:
    """Return a rollup whose coarse bucket is the bucket of the result."""
    if not isinstance(data, Rollup):
        if bucket_s is not None:
            return rollup_requests(data, bucket_s=bucket_s, coarse_bucket_s=bucket_s, targets=targets)
        return readable(rollup_requests(data, targets=targets))
    return readable(data) if bucket_s is None else coarsen(data, bucket_s, bucket_s)
