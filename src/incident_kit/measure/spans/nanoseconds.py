"""Times of spans as whole nanoseconds, in which sums and comparisons are exact."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

Nanoseconds = NDArray[np.int64]

NS_PER_MS = 1e6

LONGEST_SPAN_MS = 366 * 86_400_000.0
"""Longest credible duration, a year. Longer spans are damaged, and their nanoseconds may not fit 64 bits."""


def starts(spans: pl.DataFrame) -> Nanoseconds:
    """Return starts in ns. A span without a start (a piece of a Zipkin span) gets the start of its trace."""
    start = pl.col("start")
    if spans["start"].has_nulls():
        spans = spans.select(start.fill_null(start.min().over("trace_id")))
    return spans["start"].to_physical().fill_null(0).to_numpy()


def lengths(spans: pl.DataFrame) -> Nanoseconds:
    """Return durations in ns, 0 for unknown ones. Durations are capped, so that an end still fits 64 bits."""
    length = np.fmin(np.fmax(spans["duration_ms"].to_numpy(), 0.0), LONGEST_SPAN_MS)
    length *= NS_PER_MS
    rounded: Nanoseconds = np.rint(length, out=length).astype(np.int64)
    return rounded
