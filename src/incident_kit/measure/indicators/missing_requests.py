"""Attribute the requests that an outage kept away, by comparing the mix that arrived with the usual mix.

For example, the baseline has 100 requests from each of the networks A and B, and an outage of the same length
has 100 from A and 10 from B. 90 requests are missing, and B explains all of them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.dispersion import WindowCounts, dispersion
from incident_kit.measure.arrays.intervals import Z
from incident_kit.measure.indicators.shares import block_counts
from incident_kit.wording import UNEXPLAINED

VALUE = ("value",)


def missing_by_value(before: pl.DataFrame, during: pl.DataFrame, ratio: float) -> pl.DataFrame:
    """Attribute the requests that are missing in an outage to the values of an attribute.

    Parameters
    ----------
    before, during
        [time, value, requests] of the baseline and of the outage.
    ratio
        Length of the outage divided by the length of the baseline.

    Returns
    -------
    pl.DataFrame
        [value, share, low, high, bad, requests, baseline_bad, baseline_requests]. `requests` are the expected
        requests, and `bad` are the missing ones among them. The share of a value exceeds its share of the
        traffic if the value is underrepresented in the mix that arrived. The interval is therefore that of a
        difference of two proportions, each widened by the dispersion of its counts over blocks of time.
    """
    values = pl.concat([before.select(VALUE), during.select(VALUE)]).unique().sort(VALUE)
    names = values.with_columns(pl.col(VALUE).fill_null(UNEXPLAINED))
    (usual, factor0), (now, factor1) = (_arrivals(counts, names) for counts in (before, during))
    due, arrived = usual * ratio, now.sum()
    missing = max(due.sum() - arrived, 1.0)
    share = (due - now) / missing
    mix = (usual + now) / max(usual.sum() + arrived, 1.0)
    chance = factor0 / max(usual.sum(), 1.0) + factor1 / max(arrived, 1.0)
    reach = Z * arrived / missing * np.sqrt(mix * (1 - mix) * chance)
    return names.with_columns(
        share=pl.Series(share),
        low=pl.Series(share - reach),
        high=pl.Series(share + reach),
        bad=pl.Series(np.maximum(due - now, 0).round().astype(np.int64)),
        requests=pl.Series(due.round().astype(np.int64)),
        baseline_bad=pl.lit(0, pl.Int64),
        baseline_requests=pl.Series(usual.astype(np.int64)),
    )


def _arrivals(counts: pl.DataFrame, names: pl.DataFrame) -> tuple[Floats, float]:
    """Return the requests of each value, and the dispersion of their mix relative to chance."""
    requests = block_counts(counts.with_columns(bad="requests"), names, VALUE).requests
    return requests.sum(axis=0), dispersion(WindowCounts(requests, requests))
