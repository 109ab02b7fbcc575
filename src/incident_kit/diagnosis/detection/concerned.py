"""Decide whether two signals concern the same endpoints.

If `/cart` fails while `/search` is slow, these are two incidents.
"""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.detection.endpoint_excess import endpoint_excess
from incident_kit.diagnosis.detection.signals import Signal
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.window import Window

FAIR = 0.5
"""Two signals concern the same endpoints if those of one have half of their fair share of the other's
excess."""


def same_endpoints(rollup: Rollup, one: Signal, other: Signal) -> bool:
    """Return whether the endpoints that went bad in one signal went bad in the other too, or the reverse.

    Only signals of different SLOs are compared: bad requests of one SLO at one time are one incident.
    An outage counts as related to anything, because nobody knows which endpoints its missing requests were
    for.
    """
    kinds = {one.watch.kind, other.watch.kind}
    if len(kinds) == 1 or "outage" in kinds:
        return True
    windows = (one.window, other.window)
    both = _excess(rollup, one, windows).join(
        _excess(rollup, other, windows), on=ENDPOINT, how="full", suffix="_other", nulls_equal=True
    )
    of_one, of_other = (
        _fairness(both.fill_null(0), *suffixes) for suffixes in (("", "_other"), ("_other", ""))
    )
    return max(of_one, of_other) >= FAIR


def _excess(rollup: Rollup, signal: Signal, excluded: tuple[Window, Window]) -> pl.DataFrame:
    """Return [method, route, share, traffic]: of a signal's extra bad requests, and of all its requests."""
    well = ~(excluded[0].covers("time") | excluded[1].covers("time"))
    counts = bad_counts(rollup, signal.watch.slo)
    excess = pl.col("excess").clip(lower_bound=0)
    return endpoint_excess(counts, signal.window.covers("time"), well).select(
        *ENDPOINT,
        share=(excess / excess.sum()).fill_nan(0),
        traffic=pl.col("requests") / pl.col("requests").sum(),
    )


def _fairness(both: pl.DataFrame, own: str, others: str) -> float:
    """Return how much of the other's excess the endpoints of one signal have, relative to a fair share.

    It is 1 at most. A fair share is what their traffic would get if the other signal hit all endpoints alike.
    """
    fair = pl.max_horizontal(f"traffic{others}", pl.lit(1e-9))
    part = (pl.col(f"share{others}") / fair).clip(upper_bound=1)
    return float(both.select((pl.col(f"share{own}") * part).sum()).item())
