"""Quantiles of the durations in a rollup's latency table, by time, endpoint or any other key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from incident_kit.measure.arrays.histogram import quantiles


def latency_quantiles(latency: pl.DataFrame, by: Sequence[str], at: Mapping[str, float]) -> pl.DataFrame:
    """Return quantiles of durations in milliseconds, one row for each combination of the keys `by`, sorted.

    `latency` holds [*by, bucket, requests]. `at` gives each quantile its column. The result also has the
    number of timed `requests`.
    """
    buckets = latency.group_by(*by, "bucket").agg(pl.col("requests").sum())
    groups = buckets.group_by(by).agg(pl.col("requests").sum()).sort(by).with_row_index("group")
    rows = buckets.join(groups.drop("requests"), on=list(by), nulls_equal=True)
    group, bucket, requests = (rows[name].to_numpy() for name in ("group", "bucket", "requests"))
    found = quantiles(group.astype(np.int64), bucket, requests, tuple(at.values()))
    return groups.drop("group").with_columns(
        pl.Series(name, values, dtype=pl.Float64) for name, values in zip(at, found.T, strict=True)
    )
