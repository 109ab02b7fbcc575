"""Compare shares and quantiles of two sets of requests: what changed, how much, and what was detectable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import NormalDist

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.intervals import Z, benjamini_hochberg, newcombe, p_values
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.indicators.quantile_shift import quantile_shift
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.slo import Slo, Targets
from incident_kit.wording import EVERYWHERE, IMPROVEMENT, REGRESSION

TOLERATED = 0.1
"""A change below this part of what is allowed (the budget, the target) does not hold a release back."""

POWER = 0.8
"""The smallest detectable change is the one that would have been seen four times in five."""

NAMES = ("indicator", "route", "method")
"""Sort keys among changes of equal size, so that two runs agree."""

UNCHANGED, UNKNOWN = "no change", "not enough data"
MOVED = "traffic moved"
"""Verdict on all requests: more of them are bad, because more of them go to endpoints that were as bad
before."""

SCHEMA: Mapping[str, pl.DataType] = {
    "indicator": pl.String(),
    "method": pl.String(),
    "route": pl.String(),
    "before": pl.Float64(),
    "after": pl.Float64(),
    "change": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "detectable": pl.Float64(),
    "verdict": pl.String(),
}


def smallest_detectable(share: Floats, before: Floats, after: Floats) -> Floats:
    """Return the smallest rise of a share that so many requests would show, at 5 % and a power of 80 %.

    Uses the common normal approximation; a share of zero is replaced by half a bad request. NaN where not
    even a rise to 100 % would be seen.
    """
    usual = np.maximum(share, 0.5 / np.maximum(before, 1))
    spread = usual * (1 - usual) * (1 / np.maximum(before, 1) + 1 / np.maximum(after, 1))
    rise = (Z + NormalDist().inv_cdf(POWER)) * np.sqrt(spread)
    return np.where(share + rise <= 1, rise, np.nan)


def share_changes(old: Rollup, new: Rollup, slo: Slo, by: Iterable[str]) -> pl.DataFrame:
    """Return the shares of bad requests of one SLO before and after, by endpoint or over all."""
    keys = list(by)
    sides = []
    for name, rollup in (("before", old), ("after", new)):
        counts = bad_counts(rollup, slo, keys).with_columns(key=pl.lit(EVERYWHERE))
        sides.append(
            counts.group_by(*keys, "key").agg(
                pl.col("requests").sum().alias(f"n_{name}"), pl.col("bad").sum().alias(f"bad_{name}")
            )
        )
    joined = sides[0].join(sides[1], on=[*keys, "key"], how="full", coalesce=True, nulls_equal=True)
    counted = ("n_before", "bad_before", "n_after", "bad_after")
    numbers = [joined[name].fill_null(0).to_numpy().astype(np.float64) for name in counted]
    endpoint = [pl.col(name).fill_null("") if keys else pl.lit(EVERYWHERE).alias(name) for name in ENDPOINT]
    changes = _difference(*numbers)
    return joined.with_columns(
        *endpoint,
        pl.lit(slo.indicator).alias("indicator"),
        pl.lit(slo.budget).alias("allowed"),
        *(pl.Series(name, values) for name, values in changes.items()),
    ).select(*ENDPOINT, "indicator", "allowed", *changes)


def _difference(
    n_before: Floats, bad_before: Floats, n_after: Floats, bad_after: Floats
) -> dict[str, Floats]:
    """Return shares and the interval of their difference."""
    before, after = (bad / np.maximum(n, 1) for bad, n in ((bad_before, n_before), (bad_after, n_after)))
    low, high = newcombe(bad_after, n_after, bad_before, n_before)
    both = (n_before > 0) & (n_after > 0)
    return {
        "before": np.where(n_before > 0, before, np.nan),
        "after": np.where(n_after > 0, after, np.nan),
        "change": np.where(both, after - before, np.nan),
        "low": low,
        "high": high,
        "detectable": np.where(both, smallest_detectable(before, n_before, n_after), np.nan),
    }


def quantile_changes(old: Rollup, new: Rollup, targets: Targets) -> pl.DataFrame:
    """Return the latency quantile before and after in milliseconds, over all requests and by endpoint."""
    everywhere = dict.fromkeys(ENDPOINT, pl.lit(EVERYWHERE))
    whole = [side.latency.with_columns(**everywhere) for side in (old, new)]
    shifts = [
        quantile_shift(before, after, targets.latency_quantile)
        for before, after in ((old.latency, new.latency), (whole[0], whole[1]))
    ]
    power = (Z + NormalDist().inv_cdf(POWER)) / (2 * Z)
    return pl.concat(shifts).select(
        *(pl.col(name).fill_null("") for name in ENDPOINT),
        indicator=pl.lit("latency_quantile"),
        allowed=pl.lit(float(targets.latency_ms)),
        before=pl.col("before_ms"),
        after=pl.col("during_ms"),
        change=pl.col("shift_ms"),
        low=pl.col("low"),
        high=pl.col("high"),
        detectable=(pl.col("high") - pl.col("low")) * power,
    )


def judged(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Add a verdict to every change; false discoveries over all of them are controlled."""
    rows = pl.concat(parts, how="diagonal").fill_nan(None)
    change, low, high = (rows[name].to_numpy() for name in ("change", "low", "high"))
    sure = benjamini_hochberg(p_values(change, low, high)) & (
        np.abs(change) > TOLERATED * rows["allowed"].to_numpy()
    )
    seen = rows["detectable"].to_numpy() <= rows["allowed"].to_numpy()
    verdict = np.select(
        [sure & (change > 0), sure & (change < 0), seen], [REGRESSION, IMPROVEMENT, UNCHANGED], UNKNOWN
    )
    everywhere = pl.col("route") == EVERYWHERE
    order = [~everywhere, pl.col("change").abs() / pl.col("allowed"), *NAMES]
    return (
        rows.with_columns(pl.Series("verdict", verdict))
        .sort(order, descending=[False, True, False, False, False], nulls_last=True)
        .select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    )
