"""By how many milliseconds a latency quantile moved, and which endpoint moved it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from incident_kit.measure.indicators.quantile_shift import quantile_shift
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, tzinfo=UTC)


def latency(seed: int, medians: dict[str, float], size: int = 4000) -> pl.DataFrame:
    """Return a rollup's latency table of log-normal durations, as many for each route."""
    draw = np.random.default_rng(seed)
    parts = [
        pl.DataFrame(
            {
                "start_time": [START + timedelta(milliseconds=k) for k in range(size)],
                "method": ["GET"] * size,
                "route": [route] * size,
                "duration_ms": draw.lognormal(np.log(median), 0.3, size),
            }
        )
        for route, median in medians.items()
    ]
    return rollup_requests(conform(pl.concat(parts), REQUESTS)).latency


BEFORE = latency(0, {"/a": 20, "/b": 50, "/c": 80})


def test_the_endpoint_that_moved_says_by_how_many_milliseconds() -> None:
    table = quantile_shift(BEFORE, latency(1, {"/a": 20, "/b": 50, "/c": 160}))
    first = table.row(0, named=True)
    expected = (160 - 80) * np.exp(0.3 * 1.645)
    assert first["route"] == "/c"
    assert first["shift_ms"] == pytest.approx(expected, rel=0.1)
    assert first["low"] < expected < first["high"]
    assert table["moved"].to_list() == [True, False, False]


def test_contributions_sum_to_the_shift_of_the_whole_service() -> None:
    after = latency(1, {"/a": 30, "/b": 50, "/c": 160})
    table = quantile_shift(BEFORE, after)
    everything = [part.with_columns(route=pl.lit("all")) for part in (BEFORE, after)]
    whole = quantile_shift(*everything)
    assert table["contribution_ms"].sum() == pytest.approx(whole["shift_ms"][0])
    assert whole["contribution_ms"][0] == pytest.approx(whole["shift_ms"][0])


def test_too_few_requests_say_nothing() -> None:
    after = pl.concat([latency(1, {"/a": 20, "/b": 50}), latency(2, {"/c": 80}, size=5)])
    row = quantile_shift(BEFORE, after).filter(pl.col("route") == "/c").row(0, named=True)
    assert (row["during_ms"], row["shift_ms"], row["moved"]) == (None, None, None)


@pytest.mark.parametrize(("before", "after"), [(BEFORE, BEFORE.clear()), (BEFORE.clear(), BEFORE)])
def test_an_endpoint_of_one_window_alone_has_no_shift(before: pl.DataFrame, after: pl.DataFrame) -> None:
    table = quantile_shift(before, after)
    assert table.height == 3
    assert table["shift_ms"].null_count() == 3


def test_unmoved_endpoints_are_seldom_said_to_have_moved() -> None:
    same = [
        quantile_shift(BEFORE, latency(seed, {"/a": 20, "/b": 50, "/c": 80}))["moved"].any()
        for seed in range(20, 40)
    ]
    assert sum(same) <= 3
