"""What makes requests bad at the same time of every day is said, though it is no incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
DAY = 86_400
EVERY_S = 20


def log(days: float, jobs: list[tuple[float, float]], *, fails: bool = False, seed: int = 1) -> pl.DataFrame:
    """Return a request every 20 s, of which nine in ten are bad from one second to another of each job."""
    draw = np.random.default_rng(seed)
    at = np.arange(0, days * DAY, EVERY_S)
    is_bad = draw.uniform(size=len(at)) < np.where(
        np.any([(at >= a) & (at < b) for a, b in jobs], axis=0), 0.9, 0.01
    )
    return pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in at],
            "method": "GET",
            "route": np.where(draw.uniform(size=len(at)) < 0.8, "/items", "/export"),
            "status": np.where(is_bad & fails, 503, 200),
            "duration_ms": np.where(is_bad & (not fails), 900.0, 20.0),
        }
    )


def each_day(days: int, begin: float, lasts: float) -> list[tuple[float, float]]:
    return [(day * DAY + begin, day * DAY + begin + lasts) for day in range(days)]


def claims(requests: pl.DataFrame) -> list[str]:
    return ik.diagnose(requests).findings.filter(pl.col("id") == "every-day")["claim"].to_list()


@pytest.mark.parametrize(
    ("fails", "bad"), [(False, "take longer than 200 ms"), (True, "fail")], ids=["slow", "failing"]
)
def test_a_job_of_every_night_is_said_with_its_hours_and_its_endpoint(fails: bool, bad: str) -> None:
    (claim,) = claims(log(4, each_day(4, 18 * 3600, 1800), fails=fails))
    assert claim.startswith("Every day from 02:00 to 02:30 UTC, ")
    assert f" of the requests {bad}, mostly those of GET /items; at other times 0." in claim


def test_the_days_on_which_it_came_are_counted() -> None:
    jobs = each_day(6, 18 * 3600, 1800)
    found = ik.diagnose(log(6, jobs[:2] + jobs[3:])).findings.filter(pl.col("id") == "every-day")
    assert found["evidence"][0].startswith("It was so on 5 of 6 days.")


def test_a_job_that_begins_before_the_hour_at_which_the_log_begins_is_one_stretch() -> None:
    (claim,) = claims(log(4.5, each_day(5, DAY - 900, 1800)))
    assert claim.startswith("Every day from 07:45 to 08:15 UTC, ")


def test_the_hour_with_most_requests_gets_the_advice_for_load() -> None:
    requests = log(4, each_day(4, 18 * 3600, 1800))
    more = [requests.filter(pl.col("start_time").dt.hour() == 2)] * 3
    (finding,) = ik.diagnose(pl.concat([requests, *more])).findings.filter(id="every-day").to_dicts()
    assert "with 3.8 times as many requests as at other times" in finding["evidence"]
    assert "Find what runs short" in finding["change"]


@pytest.mark.parametrize(
    ("days", "jobs"),
    [
        (4, [(0, 0)]),
        (4, [(2 * DAY, 2 * DAY + 1800)]),
        (2, each_day(2, 18 * 3600, 1800)),
        (
            4,
            [(day * DAY + 4 * 3600 * (day + 1), day * DAY + 4 * 3600 * (day + 1) + 1800) for day in range(4)],
        ),
    ],
    ids=["nothing", "one incident", "two days only", "another hour each day"],
)
def test_other_logs_have_nothing_that_comes_every_day(days: int, jobs: list[tuple[float, float]]) -> None:
    assert claims(log(days, jobs)) == []
