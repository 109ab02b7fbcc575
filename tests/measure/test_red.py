"""Rate, errors and duration by bucket, from requests and from a rollup alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import polars as pl
import pytest

from incident_kit.errors import ParameterError
from incident_kit.measure.indicators.latency_bands import latency_bands
from incident_kit.measure.indicators.red import red
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.slo import Targets

Make = Callable[..., pl.DataFrame]


def test_rate_errors_and_duration_of_each_bucket(make_requests: Make) -> None:
    rows = [{"at": i / 10, "duration_ms": float(i + 1), "status": 500 if i == 7 else 200} for i in range(200)]
    table = red(make_requests(*rows), bucket_s=10)
    assert table["requests"].to_list() == [100, 100]
    assert table["requests_per_s"].to_list() == [10.0, 10.0]
    assert table["error_rate"].to_list() == [0.01, 0.0]
    assert table["p50_ms"].to_list() == pytest.approx([50, 150], rel=0.012)
    assert table["p95_ms"].to_list() == pytest.approx([95, 195], rel=0.012)


def test_a_rollup_and_its_requests_say_the_same(make_requests: Make) -> None:
    requests = make_requests(
        *({"at": i, "duration_ms": 3.0 * i + 1, "route": f"/{i % 3}"} for i in range(90))
    )
    for by in ((), ("route",), ("method", "route")):
        assert red(requests, by=by).equals(red(rollup_requests(requests), by=by))


def test_without_durations_there_are_no_quantiles_and_no_slow_rate(make_requests: Make) -> None:
    table = red(make_requests({"duration_ms": None}, {"duration_ms": None}))
    assert table.select("slow_rate", "p50_ms", "p99_ms").row(0) == (None, None, None)


def test_a_point_that_the_log_covers_in_part_is_marked_and_has_no_rate(make_requests: Make) -> None:
    table = red(make_requests(*({"at": 5 + i / 10, "duration_ms": 1.0} for i in range(280))), bucket_s=10)
    assert table["requests"].to_list() == [50, 100, 100, 30]
    assert table["partial"].to_list() == [True, False, False, True]
    assert table["requests_per_s"].to_list() == [None, 10.0, 10.0, None]


def test_a_point_without_requests_has_the_rate_of_zero(make_requests: Make) -> None:
    rows = [{"at": i / 10, "duration_ms": 1.0} for i in range(300) if not 100 <= i < 200]
    table = red(make_requests(*rows), bucket_s=10)
    assert table["requests_per_s"].to_list() == [10.0, 0.0, 10.0]
    assert table.select("error_rate", "p95_ms").row(1) == (None, None)


@pytest.mark.parametrize(
    ("days", "apart_s"), [(0.01, 10), (1, 300), (7, 1_800), (30, 7_200), (365, 86_400)], ids=str
)
def test_points_are_so_far_apart_that_a_picture_has_room_for_all(
    make_requests: Make, days: float, apart_s: int
) -> None:
    requests = make_requests(*({"at": 86_400 * days * i / 50, "duration_ms": 9.0} for i in range(51)))
    for table in (red(requests), latency_bands(requests)):
        times = table["time"].unique().sort()
        assert times.diff().min() is not None
        assert int(times.diff().min().total_seconds()) % apart_s == 0
        assert times.len() <= 500
    assert red(requests)["time"].diff().min() == timedelta(seconds=apart_s)


@pytest.mark.parametrize("by", [(), ("route",)])
def test_a_log_of_no_requests_has_no_rows(make_requests: Make, by: tuple[str, ...]) -> None:
    assert red(make_requests({}).clear(), by=by).height == 0


def test_another_column_is_refused(make_requests: Make) -> None:
    with pytest.raises(ParameterError, match="host"):
        red(make_requests({}), by=("host",))


def test_one_column_may_stand_alone_and_targets_may_be_given_by_name(make_requests: Make) -> None:
    requests = make_requests({"duration_ms": 150.0}, {"duration_ms": 50.0, "route": "/b"})
    table = red(requests, by="route", targets={"latency_ms": 100})
    assert table.equals(red(requests, by=("route",), targets=Targets(latency_ms=100)))
    assert table["slow"].sum() == 1


@pytest.mark.parametrize("seconds", [0, -1, 1.5])
def test_a_bucket_that_is_no_whole_number_of_seconds_is_refused(make_requests: Make, seconds: float) -> None:
    requests = make_requests({})
    with pytest.raises(ParameterError, match="no whole number"):
        red(requests, bucket_s=seconds)
    with pytest.raises(ParameterError, match="do not fit"):
        red(rollup_requests(requests, bucket_s=1), bucket_s=seconds)


@pytest.mark.parametrize("none", [float("nan"), float("inf"), 1e300, -5.0])
def test_what_is_no_duration_is_an_unknown_one(make_requests: Make, none: float) -> None:
    assert red(make_requests({"duration_ms": none}, {"duration_ms": none}))["p50_ms"].is_null().all()
