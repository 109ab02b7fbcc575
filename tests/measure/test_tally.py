"""Rows added up by their keys: the same as a group-by, whatever the keys and however many."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.distinct import categories
from incident_kit.measure.rollups import tally
from incident_kit.measure.rollups.tally import Key, add_up, sum_in_order

ROW = st.tuples(
    st.sampled_from(["GET", "POST", "", None]),
    st.one_of(st.none(), st.integers(-(2**61), 2**61)),
    st.booleans(),
    st.booleans(),
    st.integers(-(2**40), 2**40),
)
SCHEMA = {
    "method": pl.String,
    "status": pl.Int64,
    "counts": pl.Boolean,
    "slow": pl.Boolean,
    "duration_us": pl.Int64,
}


def added_up(rows: pl.DataFrame, *keys: Key) -> pl.DataFrame:
    sums = {name: rows[name].to_numpy() for name in ("slow", "duration_us")}
    return add_up(keys, rows["counts"].to_numpy(), sums)


def grouped(rows: pl.DataFrame, *keys: str) -> pl.DataFrame:
    sums = (pl.col("counts").sum().alias("requests"), pl.col("slow", "duration_us").sum())
    return rows.group_by(keys).agg(*sums).filter(pl.col("requests") > 0)


@pytest.mark.parametrize("most_places", [0, tally.MAX_PLACES])
@given(st.lists(ROW))
def test_what_is_added_up_is_what_a_group_by_gives(most_places: int, rows: list[Any]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "MAX_PLACES", most_places)
        found = added_up(frame, Key.of(frame["method"]), Key.of(frame["status"]))
    expected = grouped(frame, "method", "status")
    assert_frame_equal(found, expected, check_row_order=False, check_dtypes=False)


@given(st.lists(ROW))
def test_keys_of_the_same_meaning_are_one_key(rows: list[Any]) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    key = Key.of(frame["method"])
    kinds = ["read" if name == "GET" else None for name in key.values]
    found = added_up(frame, key.mapped(pl.Series("kind", kinds, dtype=pl.String)))
    kind = pl.when(pl.col("method") == "GET").then(pl.lit("read")).alias("kind")
    expected = grouped(frame.with_columns(kind), "kind")
    assert_frame_equal(found, expected, check_row_order=False, check_dtypes=False)


def test_categories_become_texts() -> None:
    column = pl.Series("route", ["/b", "/a", "/b", None], dtype=categories())
    found = add_up([Key.of(column)], np.array([True, True, True, True]), {})
    expected = {"route": ["/a", "/b", None], "requests": [1, 2, 1]}
    assert found.sort("route", nulls_last=True).to_dict(as_series=False) == expected


@pytest.mark.parametrize("most_numbers", [0, tally.MAX_NUMBERS])
@given(st.lists(ROW))
def test_sums_in_order_are_those_of_a_group_by_that_is_sorted(most_numbers: int, rows: list[Any]) -> None:
    table, keys = pl.DataFrame(rows, schema=SCHEMA, orient="row").drop("counts"), ["method", "status", "slow"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tally, "MAX_NUMBERS", most_numbers)
        found = sum_in_order(table, keys, ["duration_us"])
    assert_frame_equal(found, table.group_by(keys).agg(pl.col("duration_us").sum()).sort(keys))
