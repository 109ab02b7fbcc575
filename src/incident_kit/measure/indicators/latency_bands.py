"""Count requests by time and duration band, with bands wide enough to be visible in a heat map."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.histogram import SCALE, ZERO, coarser, upper_bound
from incident_kit.measure.rollups.merging import readable
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import AnyFrame

BAND_SCALE = 2
"""Histogram scale of the bands. A band is 19 % wide (2^(1/4)), which makes some 60 bands between 1 ms and a
minute, each a few pixels high.
"""


def latency_bands(data: AnyFrame | Rollup) -> pl.DataFrame:
    """Count requests by time and band of duration, from a frame of REQUESTS or a rollup.

    Returns
    -------
    pl.DataFrame
        [time, low_ms, high_ms, requests], at times as far apart as those of `ik.red`. Durations that the log
        wrote as zero are in no band.
    """
    rollup = readable(data if isinstance(data, Rollup) else rollup_requests(data))
    latency = rollup.latency.filter(pl.col("bucket") != ZERO)
    band = pl.Series("band", coarser(latency["bucket"].to_numpy(), SCALE - BAND_SCALE), dtype=pl.Int32)
    counts = latency.with_columns(band).group_by("time", "band").agg(pl.col("requests").sum())
    bands = counts["band"].to_numpy().astype(np.int64)
    return counts.select(
        "time",
        pl.Series("low_ms", upper_bound(bands - 1, BAND_SCALE), dtype=pl.Float64),
        pl.Series("high_ms", upper_bound(bands, BAND_SCALE), dtype=pl.Float64),
        "requests",
    ).sort("time", "low_ms")
