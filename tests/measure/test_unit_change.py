"""A log that changes the unit of its durations has no incident; one that gets very slow has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
USUAL_MS = {"/a": 20.0, "/b": 60.0, "/c": 90.0}
SECOND = pl.col("start_time").dt.epoch("s") - int(START.timestamp())


def log(duration: pl.Expr, size: int = 20_000) -> pl.DataFrame:
    """Return half an hour of requests to three endpoints, with that expression for their durations."""
    draw = np.random.default_rng(4)
    route = draw.choice(list(USUAL_MS), size)
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=1800 * n / size) for n in range(size)],
            "route": route,
            "method": ["GET"] * size,
            "status": [200] * size,
            "duration_ms": np.array([USUAL_MS[one] for one in route]) * draw.lognormal(0, 0.4, size),
        }
    )
    return conform(frame.with_columns(duration_ms=duration), REQUESTS)


def later(changed: pl.Expr, second: int = 900) -> pl.Expr:
    return pl.when(second <= SECOND).then(changed).otherwise("duration_ms")


MS = pl.col("duration_ms")


@pytest.mark.parametrize("factor", [1e3, 1e-3])
@pytest.mark.parametrize("second", [300, 900, 1500])
def test_another_unit_is_no_incident_but_said_and_leaves_latency_unjudged(factor: float, second: int) -> None:
    found = ik.diagnose(log(later(MS * factor, second)))
    assert found.incidents.is_empty()
    (note,) = found.inputs["notes"]
    assert f"another unit since about 2026-01-05 08:{second // 60:02}:00 UTC" in note
    latency = found.verdicts.filter(pl.col("target").str.starts_with("latency"))
    assert latency["verdict"].unique().to_list() == ["not enough data"]


@pytest.mark.parametrize(
    "duration",
    [
        MS,
        later(MS * 30),
        later(pl.lit(60_000.0)),
        later(MS + 60_000.0),
        later(pl.when(pl.col("route") == "/b").then(MS * 1000).otherwise(MS)),
    ],
    ids=["healthy", "thirty times as slow", "a time-out", "a fixed delay", "one endpoint"],
)
def test_what_gets_slow_does_not_change_its_unit(duration: pl.Expr) -> None:
    requests = log(duration)
    assert rollup_requests(requests).unit_change is None


def test_requests_that_are_set_back_in_time_by_the_wrong_unit_do_not_hide_it() -> None:
    stamped = log(later(MS * 1000))
    begun = stamped.with_columns(pl.col("start_time") - pl.duration(milliseconds=MS))
    assert rollup_requests(begun).unit_change is not None


def test_a_log_without_durations_has_no_unit() -> None:
    assert rollup_requests(log(pl.lit(None, pl.Float64))).unit_change is None
