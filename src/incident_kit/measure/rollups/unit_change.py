"""Durations that are a thousand times as long from one moment on: the log changed its unit, nobody is slower.

A format that wrote seconds and now writes milliseconds does that to every endpoint alike, and leaves the
spread of each as it was. No incident does: what slows everything down, or lets it wait for a time-out, moves
quick and slow endpoints closer together.
"""

from __future__ import annotations

from datetime import datetime
from math import log2

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.measure.arrays.histogram import SCALE, ZERO, quantiles
from incident_kit.measure.rollups.tables import ENDPOINT

Numbers = npt.NDArray[np.number]

THOUSAND = log2(1000)
"""Seconds, milliseconds and microseconds are that many octaves apart."""

WITHIN = 0.5
"""Octaves by which the median may miss that: latency wanders by less than a factor of 1.4."""

SPREAD = 1.5
"""A factor within which an endpoint's spread, between its quartiles in octaves, stays the same."""

NEARLY_ALL = 0.9
"""Endpoints with nine tenths of the requests change together."""

FEWEST = 20
"""Timed requests of an endpoint, before and after, that tell its median and its spread."""

QUARTILES = (0.25, 0.5, 0.75)
"""Not moments: a log stamped at the end sets long requests back in time, among those of the other unit."""


def unit_change(latency: pl.DataFrame) -> datetime | None:
    """Return about since when a rollup's durations are in another unit; None where they never changed it.

    `latency` is its table of that name.
    """
    rows = latency.filter(pl.col("bucket") != ZERO)
    octaves = pl.col("bucket") / 2**SCALE * pl.col("requests")
    levels = rows.group_by("time").agg(pl.col("requests").sum(), octaves.sum().alias("octaves")).sort("time")
    if levels.height < 2:
        return None
    place = _best_split(levels["requests"].to_numpy(), levels["octaves"].to_numpy())
    since: datetime = levels["time"][place]
    return since if _all_changed(rows.with_columns(after=pl.col("time") >= since)) else None


def _best_split(n: Numbers, total: Numbers) -> int:
    """Return the first place after the step that explains most (Hinkley, Biometrika 57, 1970)."""
    n0, sum0 = np.cumsum(n)[:-1], np.cumsum(total)[:-1]
    n1, sum1 = n.sum() - n0, total.sum() - sum0
    return int(np.argmax((sum0 / n0 - sum1 / n1) ** 2 * n0 * n1)) + 1


def _all_changed(rows: pl.DataFrame) -> bool:
    """Return whether nearly all requests are of endpoints whose durations moved by one and the same unit."""
    sides = _sides(rows)
    both = sides.filter(~pl.col("after")).join(
        sides.filter("after"), on=[*ENDPOINT], suffix="_after", nulls_equal=True
    )
    known = both.filter(pl.min_horizontal("requests", "requests_after") >= FEWEST).with_columns(
        shift=pl.col("median_after") - pl.col("median"), of_both=pl.col("requests") + pl.col("requests_after")
    )
    units = (pl.col("shift") / THOUSAND).round()
    same = (pl.col("shift") - units * THOUSAND).abs() <= WITHIN
    kept = pl.max_horizontal("iqr", "iqr_after") <= SPREAD * pl.min_horizontal("iqr", "iqr_after")
    moved = (
        known.filter((units != 0) & same & kept).group_by(units.alias("units")).agg(pl.col("of_both").sum())
    )
    most = moved.select(pl.col("of_both").max()).item()
    return most is not None and int(most) >= NEARLY_ALL * int(known["of_both"].sum())


def _sides(rows: pl.DataFrame) -> pl.DataFrame:
    """Return [*endpoint, after, requests, median, iqr] of logarithms of durations to base 2."""
    counts = rows.group_by(*ENDPOINT, "after", "bucket").agg(pl.col("requests").sum())
    sides = counts.group_by(*ENDPOINT, "after").agg(pl.col("requests").sum()).with_row_index("place")
    placed = counts.join(sides.drop("requests"), on=[*ENDPOINT, "after"], nulls_equal=True)
    place, bucket, requests = (placed[name].to_numpy() for name in ("place", "bucket", "requests"))
    low, median, high = np.log2(quantiles(place.astype(np.int64), bucket, requests, QUARTILES)).T
    return sides.with_columns(median=pl.Series(median), iqr=pl.Series(high - low))
