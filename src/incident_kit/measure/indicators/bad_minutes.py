"""Count downtime in minutes: the minutes in which certainly too many requests were bad."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.slo import Slo

MIN_BAD = 3
"""Fewest bad requests in a bad minute. A single error in a quiet minute is not downtime."""


def bad_minutes(counts: pl.DataFrame, slo: Slo) -> int:
    """Return the number of minutes in which more requests were bad than the objective allows.

    `counts` has the columns [time, requests, bad]. The lower 95 % Wilson bound of a minute's bad share must
    exceed the SLO's budget.
    """
    minutes = counts.group_by(floor_time("time", 60)).agg(pl.col("requests", "bad").sum())
    bad, requests = minutes["bad"].to_numpy(), minutes["requests"].to_numpy()
    surely_bad, _ = wilson(bad, requests)
    return int(((surely_bad > slo.budget) & (bad >= MIN_BAD)).sum())
