"""Find stray requests: those dated years away from all others, because a host's clock was never set.

Without this step, the time grid from the first to the last request would hold millions of empty minutes. A
log of today with one line of 1970-01-01 is an example: that line is the stray.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit.wording import count

LONGEST_SILENCE = timedelta(days=365)
"""Longest silence in a real log. Logs may be months apart; after years of silence one side has a wrong
clock.
"""

RESOLUTION = timedelta(microseconds=1)

FEW = 0.01
"""Share of all requests that a stretch beyond a long silence needs in order to count."""

DECADE = timedelta(days=3653)
"""Greatest distance from the stretch with most requests. Nobody keeps a log for longer, so its size does not
matter.
"""

REASON = "dated years away from all others"


def main_days(times: pl.Series, requests: pl.Series | None = None) -> pl.Series | None:
    """Return the days (their starts in UTC) that hold more than strays; None if there are no strays.

    `times` are instants. `requests` gives the number of requests at each instant, by default 1.
    """
    # As numbers: a request of the year 1 began, before its duration, in one that Python does not know.
    ends = times.dt.timestamp("us")
    if times.null_count() == len(times) or ends.max() - ends.min() <= LONGEST_SILENCE // RESOLUTION:  # type: ignore[operator]
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


def main_times(times: pl.Series) -> pl.Series:
    """Return the instants without those of strays."""
    days = main_days(times)
    return times if days is None else times.to_frame("time").filter(is_on_days(days)).to_series()


def is_on_days(days: pl.Series, time: str = "time") -> pl.Expr:
    """Return the expression that is true for rows whose `time` lies on one of `days`."""
    return pl.col(time).dt.truncate("1d").is_in(days.implode())


def note(requests: int) -> str:
    """Return the sentence that says how many requests were set aside."""
    verb = "is" if requests == 1 else "are"
    return (
        f"{count(requests, 'request')} {verb} dated years away from all others and left out; look at the "
        "clock of who logged it."
    )
