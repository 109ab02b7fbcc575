"""Time buckets of a rollup: how wide they are, and when each begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.schema import TIME_US

BUCKETS_S = (1, 2, 5, 10, 15, 30, 60)
MAX_BUCKETS = 3_600
"""Upper bound on the number of buckets. One hour gets buckets of 1 s, ten hours of 10 s, more than 30 hours
of 60 s.
"""

COARSE_RATIO = 10
"""Ratio of the coarse bucket to the fine one: 10 s for an hour of log, 5 min for a day."""

READABLE_S = (600, 1_200, 1_800, 3_600, 7_200, 21_600, 86_400)
MAX_POINTS = 500
"""Upper bound on the points of a table over time: a picture has room for no more.
A week gets points of 30 minutes, a month of two hours.
"""


def whole_seconds(seconds: int) -> int:
    """Return the requested bucket width as a whole number of seconds.

    Raises
    ------
    ParameterError
        If the width is not a whole number of seconds, or below 1.
    """
    if seconds < 1 or seconds != int(seconds):
        raise ParameterError(f"A bucket of {seconds} s is no whole number of seconds; give one such as 60.")
    return int(seconds)


def fitting_bucket(first: datetime | None, last: datetime | None) -> int:
    """Return the narrowest width in seconds, 60 at most, that splits the span into at most `MAX_BUCKETS`."""
    return _narrowest(BUCKETS_S, MAX_BUCKETS, first, last)


def readable_bucket(first: datetime | None, last: datetime | None) -> int:
    """Return the narrowest width in seconds, 10 minutes at least, with at most `MAX_POINTS` in the span."""
    return _narrowest(READABLE_S, MAX_POINTS, first, last)


def _narrowest(widths_s: Sequence[int], most: int, first: datetime | None, last: datetime | None) -> int:
    seconds = (last - first).total_seconds() if first and last else 0.0
    return next((width for width in widths_s if seconds <= width * most), widths_s[-1])


def coarse_bucket(bucket_s: int, asked_s: int | None = None) -> int:
    """Return the coarse bucket for a fine one in seconds: the one that is asked for, or one that nests.

    If two fine buckets nest, their default coarse buckets nest too.

    Raises
    ------
    ParameterError
        If the one asked for is no whole number of seconds, or no multiple of the fine one, which would then
        lie in two of them.
    """
    if asked_s is None:
        return bucket_s * COARSE_RATIO
    asked_s = whole_seconds(asked_s)
    if asked_s % bucket_s:
        raise ParameterError(
            f"Buckets of {bucket_s} s do not fit into coarse ones of {asked_s} s; give a multiple."
        )
    return asked_s


def floor_time(column: str, bucket_s: int) -> pl.Expr:
    """Return the expression for the start of the bucket that contains a time.

    Buckets are aligned to the epoch.
    """
    width = bucket_s * 1_000_000
    return (pl.col(column).dt.epoch("us") // width * width).cast(TIME_US)
