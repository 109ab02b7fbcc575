"""Attribute the shift of a latency quantile, in milliseconds, to endpoints.

Each endpoint gets its own quantile before and during, the difference with an interval, and its contribution
to the shift of the whole service. By the recentered influence function, a quantile moves with the share of
requests beyond it (Firpo, Fortin, Lemieux, Econometrica 77, 2009). The shift is therefore divided in
proportion to the extra requests beyond the old quantile, rate and mix together. For example, if the service's
p95 rises by 60 ms and `/search` has two thirds of the extra requests beyond the old p95, `/search`
contributes 40 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.decomposition import decompose
from incident_kit.measure.arrays.histogram import bucket_index, quantile, quantiles
from incident_kit.measure.arrays.intervals import benjamini_hochberg, difference_interval, p_values, wilson
from incident_kit.schema import ENDPOINT

MIN_REQUESTS = 20
"""Fewest timed requests in each window. With fewer, an endpoint's p95 is the duration of one request."""


def quantile_shift(before: pl.DataFrame, during: pl.DataFrame, q: float = 0.95) -> pl.DataFrame:
    """Compare a latency quantile of two windows by endpoint.

    Parameters
    ----------
    before, during
        [method, route, bucket, requests]: rows of a rollup's latency table.
    q
        The quantile, between 0 and 1.

    Returns
    -------
    pl.DataFrame
        [method, route, before_ms, during_ms, shift_ms, low, high, contribution_ms, moved, requests], sorted
        by the contribution to the shift of the whole service, greatest first. `moved` says whether the
        endpoint's own quantile changed, with false discoveries over all endpoints controlled. `moved` and the
        endpoint's own quantiles are null if the endpoint has too few requests.
    """
    groups = pl.concat([before.select(ENDPOINT), during.select(ENDPOINT)]).unique().sort(ENDPOINT)
    old, new = (_window(table, groups, q) for table in (before, during))
    shift = new.value - old.value
    low, high = difference_interval(new.value, (new.low, new.high), old.value, (old.low, old.high))
    enough = np.minimum(old.requests, new.requests) >= MIN_REQUESTS
    columns = {
        "before_ms": old.value,
        "during_ms": new.value,
        "shift_ms": shift,
        "low": low,
        "high": high,
    }
    table = groups.with_columns(
        *(
            pl.Series(name, np.where(enough, values, np.nan)).fill_nan(None)
            for name, values in columns.items()
        ),
        pl.Series("contribution_ms", _contributions(old, new, q)),
        pl.Series("moved", _moved(shift, low, high, enough), dtype=pl.Boolean),
        pl.Series("requests", new.requests.astype(np.int64)),
    )
    return table.sort(-pl.col("contribution_ms"), *ENDPOINT)


@dataclass(frozen=True)
class _Window:
    """Histograms and quantiles of one window by group.

    `low` and `high` are the quantiles at the bounds of the rank's Wilson interval.
    """

    group: Ints
    bucket: Ints
    count: Floats
    requests: Floats
    value: Floats
    low: Floats
    high: Floats

    def beyond(self, threshold_ms: float) -> Floats:
        """Return the number of requests of each group that took longer than the threshold."""
        above = self.count * (self.bucket > int(bucket_index(threshold_ms)))
        return np.bincount(self.group, weights=above, minlength=len(self.requests)).astype(np.float64)

    def overall_quantile(self, q: float) -> float:
        """Return the quantile over all groups together."""
        bucket, place = np.unique(self.bucket, return_inverse=True)
        return quantile(bucket, np.bincount(place, weights=self.count), q)


def _window(latency: pl.DataFrame, groups: pl.DataFrame, q: float) -> _Window:
    rows = latency.join(groups.with_row_index("group"), on=ENDPOINT, nulls_equal=True)
    rows = rows.group_by("group", "bucket").agg(pl.col("requests").sum()).cast(pl.Int64)
    group, bucket = rows["group"].to_numpy(), rows["bucket"].to_numpy()
    count = rows["requests"].to_numpy().astype(np.float64)
    requests = np.bincount(group, weights=count, minlength=groups.height).astype(np.float64)
    found = np.full((groups.height, 3), np.nan)
    if rows.height:
        filled = quantiles(
            group, bucket, count, (q, *(bound[: group.max() + 1] for bound in wilson(q * requests, requests)))
        )
        found[: len(filled)] = filled
    return _Window(group, bucket, count, requests, *found.T)


def _contributions(old: _Window, new: _Window, q: float) -> Floats:
    """Divide the shift of the whole service among the groups."""
    start, end = old.overall_quantile(q), new.overall_quantile(q)
    if not np.isfinite(end - start):
        return np.zeros(len(old.requests))
    excess = decompose(old.requests, old.beyond(start), new.requests, new.beyond(start)).excess
    return (end - start) * excess / excess.sum() if excess.sum() else np.zeros_like(excess)


def _moved(shift: Floats, low: Floats, high: Floats, enough: Bools) -> list[bool | None]:
    """Return whether each group's own quantile changed; None for groups with too few requests."""
    found = iter(benjamini_hochberg(p_values(shift[enough], low[enough], high[enough])).tolist())
    return [next(found) if one else None for one in enough]
