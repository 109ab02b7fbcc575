"""Requests that a wrong clock dates years away from all others are set aside, counted and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.measure.indicators.red import red
from incident_kit.measure.rollups.merging import fit_to_span, merge
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.measure.rollups.strays import REASON, main_days, main_times

Make = Callable[..., pl.DataFrame]
NEVER_SET = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def usual(make_requests: Make) -> pl.DataFrame:
    return make_requests(*({"at": second, "status": 500 if second == 7 else 200} for second in range(600)))


@pytest.fixture
def astray(usual: pl.DataFrame) -> pl.DataFrame:
    return usual[:2].with_columns(start_time=pl.lit(NEVER_SET))


def test_a_frame_is_rolled_up_as_without_its_strays(usual: pl.DataFrame, astray: pl.DataFrame) -> None:
    rollup, plain = rollup_requests(pl.concat([astray, usual])), rollup_requests(usual)
    assert rollup.counts.equals(plain.counts)
    assert (rollup.meta.first, rollup.meta.bucket_s) == (plain.meta.first, plain.meta.bucket_s)
    assert (rollup.meta.requests, rollup.meta.excluded) == (602, 2)
    assert rollup.excluded.select("reason", "requests").rows() == [(REASON, 2)]
    assert rollup.meta.notes[0].startswith("2 requests are dated years away from all others")
    assert red(pl.concat([astray, usual])).equals(red(usual))


def test_parts_are_looked_at_when_they_are_added_up(usual: pl.DataFrame, astray: pl.DataFrame) -> None:
    parts = [rollup_requests(part, bucket_s=1, ordered=False) for part in (astray, usual)]
    rollup = fit_to_span(merge(parts))
    assert rollup.counts.equals(rollup_requests(usual, bucket_s=1).counts)
    assert (rollup.meta.requests, rollup.meta.excluded) == (602, 2)


def test_a_diagnosis_says_so(usual: pl.DataFrame, astray: pl.DataFrame) -> None:
    assert "dated years away" in str(ik.diagnose(pl.concat([usual, astray])))


def test_instants_without_those_of_strays() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    usual = [start + timedelta(seconds=second) for second in range(200)]
    times = pl.Series([NEVER_SET, *usual], dtype=pl.Datetime("us", "UTC"))
    assert main_times(times).to_list() == usual
    # Of the year 1, less a duration: Python knows no such time.
    earlier = pl.Series([-62_135_596_800_005_000]).cast(times.dtype)
    assert main_times(pl.concat([earlier, times])).to_list() == usual


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        pytest.param({0: 1_000, 364: 1}, None, id="less than a year"),
        pytest.param({0: 1_000, 400: 11}, None, id="more than a hundredth"),
        pytest.param({0: 1_000, 400: 9}, [0], id="fewer, and later"),
        pytest.param({-20_000: 1, 0: 1_000, 5_000: 2}, [0], id="on both sides"),
        pytest.param({0: 600, 3_000: 400}, None, id="nearly as many, some years later"),
        pytest.param({-20_000: 400, 0: 600}, [0], id="nearly as many, decades before"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_few_requests_beyond_a_year_without_any_are_astray(
    counts: dict[int, int], kept: list[int] | None
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = pl.Series([start + timedelta(days=day) for day in counts], dtype=pl.Datetime("us", "UTC"))
    found = main_days(times, pl.Series([*counts.values()], dtype=pl.Int64))
    assert (None if found is None else [(day - start).days for day in found]) == kept
