"""Instants at regular intervals are told from instants at random."""

from __future__ import annotations

import numpy as np
import pytest

from incident_kit.measure.arrays.regularity import regular_interval

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("instants", "interval"),
    [
        ([0, HOUR, 2 * HOUR], HOUR),
        ([2 * HOUR, 0, HOUR], HOUR),
        ([1, HOUR + 3, 2 * HOUR, 3 * HOUR + 2], HOUR),
        ([0, HOUR, 3 * HOUR, 4 * HOUR], HOUR),
        ([0, DAY, 2 * DAY, 3 * DAY], DAY),
        ([0, HOUR], None),
        ([0, HOUR, 2 * HOUR + 900], None),
        ([0, 0, 0], None),
        ([0], None),
        ([], None),
    ],
    ids=[
        "every hour",
        "in any order",
        "some seconds late",
        "one of them missed",
        "every day",
        "any two have an interval",
        "a quarter of an hour late",
        "all at once",
        "one",
        "none",
    ],
)
def test_an_interval_is_found_where_chance_would_not_make_it(
    instants: list[float], interval: float | None
) -> None:
    assert regular_interval(instants, 1) == (interval and pytest.approx(interval, rel=0.001))


@pytest.mark.parametrize("size", [3, 4, 6, 12])
def test_random_instants_are_seldom_regular(size: int) -> None:
    draw = np.random.default_rng(size)
    days = [draw.uniform(0, DAY, size).tolist() for _ in range(2_000)]
    assert sum(regular_interval(day, 1) is not None for day in days) <= 0.01 * len(days)


def test_instants_are_no_more_regular_than_they_are_exact() -> None:
    assert regular_interval([0, 600, 1200, 1800], 1)
    assert regular_interval([0, 600, 1200, 1800], 60) is None
