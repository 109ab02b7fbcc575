"""Incidents at regular intervals are told; incidents at random times are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.recurrence import regular_interval

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = 3600, 86_400


def at(*seconds: float) -> list[datetime]:
    return [START + timedelta(seconds=second) for second in seconds]


@pytest.mark.parametrize(
    ("starts", "interval_s"),
    [
        (at(0, HOUR, 2 * HOUR), HOUR),
        (at(2 * HOUR, 0, HOUR), HOUR),
        (at(1, HOUR + 3, 2 * HOUR, 3 * HOUR + 2), HOUR),
        (at(0, HOUR, 3 * HOUR, 4 * HOUR), HOUR),
        (at(0, 20, HOUR, HOUR + 40, 2 * HOUR), HOUR),
        (at(0, DAY, 2 * DAY, 3 * DAY), DAY),
        (at(0, HOUR), None),
        (at(0, HOUR, 2 * HOUR + 900), None),
        (at(0, 0, 0), None),
        ([], None),
    ],
    ids=[
        "every hour",
        "in any order",
        "some seconds late",
        "one of them missed",
        "at two endpoints within a minute",
        "every day",
        "any two have an interval",
        "a quarter of an hour late",
        "all at once",
        "none",
    ],
)
def test_an_interval_is_found_where_chance_would_not_make_it(
    starts: list[datetime], interval_s: float | None
) -> None:
    found = regular_interval(starts, 1)
    assert (found and found.seconds) == (interval_s and pytest.approx(interval_s, rel=0.001))


@pytest.mark.parametrize("size", [3, 4, 6])
def test_random_times_are_seldom_regular(size: int) -> None:
    draw = np.random.default_rng(size)
    days = [at(*draw.uniform(0, DAY, size)) for _ in range(2_000)]
    assert sum(regular_interval(day, 1) is not None for day in days) <= 0.01 * len(days)


def test_starts_are_no_more_regular_than_the_bucket_can_tell() -> None:
    assert regular_interval(at(0, 600, 1200, 1800), 1)
    assert regular_interval(at(0, 600, 1200, 1800), 60) is None


def test_a_job_that_makes_requests_slow_every_ten_minutes_is_said() -> None:
    second = np.arange(0, 2700, 0.05)
    is_slow = (second % 600 > 300) & (second % 600 < 360)
    log = pl.DataFrame(
        {
            "start_time": at(*second),
            "method": "GET",
            "route": "/items",
            "status": 200,
            "duration_ms": np.where(is_slow, 900.0, 20.0),
        }
    )
    found = ik.diagnose(log)
    assert found.incidents.height == 4
    (told,) = found.findings.filter(id="recurring").to_dicts()
    assert told["claim"] == "4 latency incidents came every 10 min."
    assert "2026-01-05 00:35:00 UTC" in told["evidence"]
