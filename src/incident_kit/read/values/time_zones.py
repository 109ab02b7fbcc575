"""Convert local times without a zone to UTC, across changes of daylight saving."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

HOUR = timedelta(hours=1)
# Lines are written when a request ends but may show when it began, so times step back a little all the time.
# A step back of this size within the hour that occurs twice means that the clock was set back.
SET_BACK = timedelta(minutes=30)


def to_utc(local: pl.Expr, tz: str) -> pl.Expr:
    """Return the instants of local times, which must be in the order of their lines.

    A time in the hour that occurs twice belongs to the first occurrence until the clock steps back.
    """
    naive = local.dt.cast_time_unit("us")
    first, second = (_located(naive, tz, which) for which in ("earliest", "latest"))
    twice = first != second
    set_back = (twice & (naive.diff() < -SET_BACK)).fill_null(value=False).cum_sum() > 0
    return pl.when(twice & set_back).then(second).otherwise(each_to_utc(naive, tz))


def each_to_utc(local: pl.Expr, tz: str) -> pl.Expr:
    """Return the instants of local times in microseconds, each independent of the others.

    A time in the hour that occurs twice belongs to the first occurrence. A time that the zone skips, which
    only a clock that was not set forward can show, keeps its distance to the hour before.
    """
    skipped = _located(local - HOUR, tz, "latest") + HOUR
    return pl.coalesce(_located(local, tz, "earliest"), skipped)


def _located(naive: pl.Expr, tz: str, which: str) -> pl.Expr:
    placed = naive.dt.replace_time_zone(tz, ambiguous=pl.lit(which), non_existent="null")
    return placed.dt.convert_time_zone("UTC")
