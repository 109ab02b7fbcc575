"""Detect a change of the duration unit: from one moment on all durations are 1,000 times as long or short.

If a log format wrote seconds and now writes milliseconds, every endpoint changes by the same factor and keeps
its relative spread: endpoints at 0.1 and 0.4 become endpoints at 100 and 400. No incident looks like that. An
incident that slows everything down, or makes requests wait for a time-out, moves quick and slow endpoints
closer together.
"""

from __future__ import annotations

from datetime import datetime
from math import log2

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.measure.arrays.histogram import SCALE, ZERO
from incident_kit.measure.rollups.latency_quantiles import latency_quantiles
from incident_kit.schema import ENDPOINT

Numbers = npt.NDArray[np.number]

OCTAVES_PER_UNIT = log2(1000)
"""Octaves between seconds and milliseconds, and between milliseconds and microseconds."""

SHIFT_TOLERANCE = 0.5
"""Tolerance for the shift of the median, in octaves. Latency itself wanders by less than a factor of 1.4."""

MAX_IQR_RATIO = 1.5
"""Greatest factor between interquartile ranges, in octaves, that still counts as an unchanged spread."""

NEARLY_ALL = 0.9
"""Share of the requests whose endpoints must change together."""

MIN_TIMED_REQUESTS = 20
"""Fewest timed requests of an endpoint, before and after, that show its median and its spread."""

QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
"""Quartiles instead of moments. A log stamped at the end sets the start of long requests back in time, so
that some lie among the requests in the other unit.
"""


def unit_change(latency: pl.DataFrame) -> datetime | None:
    """Return about when the unit of a rollup's durations changed; None if it never changed.

    `latency` is the rollup's latency table.
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
    """Return the first index after the step that explains most variance (Hinkley, Biometrika 57, 1970)."""
    n0, sum0 = np.cumsum(n)[:-1], np.cumsum(total)[:-1]
    n1, sum1 = n.sum() - n0, total.sum() - sum0
    return int(np.argmax((sum0 / n0 - sum1 / n1) ** 2 * n0 * n1)) + 1


def _all_changed(rows: pl.DataFrame) -> bool:
    """Return whether nearly all requests belong to endpoints whose durations changed by the same unit."""
    sides = _sides(rows)
    both = sides.filter(~pl.col("after")).join(
        sides.filter("after"), on=ENDPOINT, suffix="_after", nulls_equal=True
    )
    known = both.filter(pl.min_horizontal("requests", "requests_after") >= MIN_TIMED_REQUESTS).with_columns(
        shift=pl.col("median_after") - pl.col("median"), of_both=pl.col("requests") + pl.col("requests_after")
    )
    units = (pl.col("shift") / OCTAVES_PER_UNIT).round()
    same = (pl.col("shift") - units * OCTAVES_PER_UNIT).abs() <= SHIFT_TOLERANCE
    kept = pl.max_horizontal("iqr", "iqr_after") <= MAX_IQR_RATIO * pl.min_horizontal("iqr", "iqr_after")
    moved = (
        known.filter((units != 0) & same & kept).group_by(units.alias("units")).agg(pl.col("of_both").sum())
    )
    most = moved.select(pl.col("of_both").max()).item()
    return most is not None and int(most) >= NEARLY_ALL * int(known["of_both"].sum())


def _sides(rows: pl.DataFrame) -> pl.DataFrame:
    """Return [*endpoint, after, requests, median, iqr]; median and iqr are base-2 logarithms of durations."""
    sides = latency_quantiles(rows, (*ENDPOINT, "after"), QUARTILES).with_columns(pl.col(*QUARTILES).log(2))
    return sides.select(*ENDPOINT, "after", "requests", "median", iqr=pl.col("q3") - pl.col("q1"))
