"""Shares of the extra bad requests sum to one, and their intervals hold what they should."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.arrays.decomposition import decompose
from incident_kit.measure.arrays.dispersion import WindowCounts, dispersion
from incident_kit.measure.arrays.share_intervals import mix_share_bounds
from incident_kit.measure.indicators.shares import shares
from incident_kit.wording import UNEXPLAINED
from tests.laws import examples

START = datetime(2026, 1, 1, tzinfo=UTC)
SCHEMA = ["time", "method", "route", "requests", "bad"]


def window(**groups: tuple[int, int]) -> pl.DataFrame:
    """Return counts of one window over ten buckets; a group is requests and bad ones in each."""
    rows = [
        (START + timedelta(seconds=second), "GET", f"/{name}", *pair)
        for second in range(10)
        for name, pair in groups.items()
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def only(table: pl.DataFrame, route: str) -> dict[str, float]:
    return table.filter(pl.col("route") == route).row(0, named=True)


def test_the_group_that_got_worse_explains_it_all() -> None:
    table = shares(window(a=(90, 1), b=(10, 0)), window(a=(90, 1), b=(10, 5)))
    assert table.row(0, named=True)["route"] == "/b"
    assert only(table, "/b")["share"] == pytest.approx(1)
    assert only(table, "/b")["rate_share"] == pytest.approx(1)
    assert only(table, "/a")["share"] == pytest.approx(0)


def test_traffic_that_moves_to_a_bad_group_is_mix() -> None:
    table = shares(window(a=(90, 0), b=(10, 5)), window(a=(50, 0), b=(50, 25)))
    assert only(table, "/b")["mix_share"] == pytest.approx(1)
    assert only(table, "/b")["rate_share"] == pytest.approx(0)


def test_traffic_that_leaves_a_healthy_group_explains_nothing() -> None:
    table = shares(window(a=(90, 0), b=(10, 5)), window(a=(10, 0), b=(90, 45)))
    assert only(table, "/a")["share"] == 0


@pytest.mark.parametrize(("before", "during"), [({}, {"b": (10, 5)}), ({"b": (10, 5)}, {})])
def test_a_group_absent_from_one_window_is_pure_mix(before: dict, during: dict) -> None:
    table = shares(window(a=(90, 1), **before), window(a=(90, 20), **during))
    assert only(table, "/b")["rate_share"] == 0
    assert only(table, "/b")["mix_share"] == pytest.approx(only(table, "/b")["share"])


def test_without_an_excess_all_shares_are_zero() -> None:
    table = shares(window(a=(90, 9)), window(a=(90, 1)))
    assert table.select("share", "low", "high", "rate_share", "mix_share").sum().row(0) == (0, 0, 0, 0, 0)


def test_what_has_no_route_is_unexplained_and_last() -> None:
    lost = window(a=(50, 30)).with_columns(route=pl.lit(None, dtype=pl.String))
    table = shares(window(a=(100, 0)), pl.concat([window(a=(50, 1)), lost]))
    assert table["route"].to_list() == ["/a", UNEXPLAINED]
    assert table["share"][1] == pytest.approx(30 / 31)


def test_the_unexplained_row_is_there_when_it_is_empty() -> None:
    table = shares(window(a=(100, 0)), window(a=(100, 5)))
    last = table.row(-1, named=True)
    assert (last["route"], last["low"], last["share"], last["high"]) == (UNEXPLAINED, 0, 0, 0)


COUNT = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (max(pair), min(pair)))
WINDOW = st.dictionaries(st.sampled_from("abcdef"), COUNT, min_size=1)


@given(WINDOW, WINDOW)
@examples(100)
def test_shares_sum_to_one_and_rate_and_mix_to_the_excess(before: dict, during: dict) -> None:
    table = shares(window(**before), window(**during))
    bad, expected = table["bad"].sum(), table["expected"].sum()
    assert table["excess"].sum() == pytest.approx(bad - expected, abs=1e-6)
    if table["excess"].sum() > 1e-6:
        assert table["share"].sum() == pytest.approx(1, abs=1e-6)
        assert (table["rate_share"] + table["mix_share"]).to_list() == pytest.approx(table["share"].to_list())
        assert (table["low"] <= table["share"] + 1e-9).all()
        assert (table["share"] <= table["high"] + 1e-9).all()
    assert table.null_count().sum_horizontal()[0] == 0


@given(st.lists(st.tuples(COUNT, COUNT), min_size=1, max_size=8))
@examples(100)
def test_rate_and_mix_sum_to_the_excess_in_every_group(pairs: list) -> None:
    n0, b0, n1, b1 = (np.array([pair[w][k] for pair in pairs], dtype=float) for w in (0, 1) for k in (0, 1))
    terms = decompose(n0, b0, n1, b1)
    assert terms.rate + terms.mix == pytest.approx(b1 - terms.expected)


def test_independent_requests_have_no_extra_dispersion_and_clusters_have() -> None:
    draw = np.random.default_rng(1)
    requests = np.full((30, 4), 1000.0)
    calm = WindowCounts(requests, draw.binomial(1000, 0.05, (30, 4)).astype(float))
    assert dispersion(calm) < 1.5
    in_fives = WindowCounts(requests, 5.0 * draw.binomial(200, 0.05, (30, 4)))
    assert dispersion(in_fives) == pytest.approx(5, rel=0.4)


def test_the_mix_interval_tells_moved_traffic_from_a_fault() -> None:
    before = WindowCounts(np.tile([900.0, 100.0], (20, 1)), np.tile([1.0, 50.0], (20, 1)))
    moved = WindowCounts(np.tile([500.0, 500.0], (20, 1)), np.tile([1.0, 250.0], (20, 1)))
    fault = WindowCounts(np.tile([900.0, 100.0], (20, 1)), np.tile([100.0, 50.0], (20, 1)))
    assert mix_share_bounds(before, moved)[0] > 0.9
    assert mix_share_bounds(before, fault)[1] < 0.1


def test_a_quiet_service_is_told_apart_from_moved_traffic_by_a_few_bad_requests() -> None:
    before = WindowCounts(np.full((20, 10), 2.0), np.zeros((20, 10)))
    fault = WindowCounts(before.requests, np.tile([1.0] + [0.0] * 9, (20, 1)))
    low, high = mix_share_bounds(before, fault)
    assert -0.1 < low < 0 < high < 0.1


def test_where_nothing_got_worse_anything_could_be_mix() -> None:
    same = WindowCounts(np.full((20, 2), 100.0), np.full((20, 2), 5.0))
    low, high = mix_share_bounds(same, same)
    assert low < -1000 < 1000 < high
