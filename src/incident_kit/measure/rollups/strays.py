"""Requests dated years away from all others, as a host writes them whose clock was never set.

A grid of time from the first request to the last would be as long as that mistake: minutes by the million.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit.wording import count

LONGEST_SILENCE = timedelta(days=365)
"""Logs may well be months apart; of years in which nothing was logged, one end is a wrong clock."""

FEW = 0.01
"""The part of all requests that a stretch beyond such a silence has to have for it to count."""

DECADE = timedelta(days=3653)
"""However many requests are further than this from the most, nobody kept their log so long."""

REASON = "dated years away from all others"


def main_days(times: pl.Series, requests: pl.Series | None = None) -> pl.Series | None:
    """Return the days (starts of, UTC) on which there are more than strays; None where there are no strays.

    `times` are instants; `requests` says how many requests each stands for, one by default.
    """
    if times.is_empty() or times.max() - times.min() <= LONGEST_SILENCE:  # type: ignore[operator]
        return None
    weights = pl.repeat(1, len(times), eager=True) if requests is None else requests
    days = (
        pl.DataFrame({"day": times.dt.truncate("1d"), "requests": weights})
        .group_by("day")
        .agg(pl.col("requests").sum())
        .sort("day")
        .with_columns(stretch=(pl.col("day").diff() > LONGEST_SILENCE).fill_null(value=False).cum_sum())
        .with_columns(part=pl.col("requests").sum().over("stretch") / pl.col("requests").sum())
    )
    most = days.filter(pl.col("part") == pl.col("part").max())["day"]
    near = pl.col("day").is_between(most.min() - DECADE, most.max() + DECADE)  # type: ignore[operator]
    main = days.filter(pl.col("part") >= FEW, near)["day"]
    return None if len(main) == len(days) else main


def on(days: pl.Series, time: str = "time") -> pl.Expr:
    """Return the expression that is true for rows whose `time` lies on one of those days."""
    return pl.col(time).dt.truncate("1d").is_in(days.implode())


def said(requests: int) -> str:
    """Say how many requests were set aside."""
    verb = "is" if requests == 1 else "are"
    return (
        f"{count(requests, 'request')} {verb} dated years away from all others and left out; look at the "
        "clock of who logged it."
    )
