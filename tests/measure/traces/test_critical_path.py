"""Critical-path time as tables: by operation, by stack, and how the slow requests differ."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.spans.critical_path import critical_by_percentile, critical_path
from incident_kit.measure.spans.critical_stacks import MAX_DEPTH, compare_stacks, critical_stacks
from tests.laws import examples

TRACE = """
a    service=shop : ==========
b <a service=cart :  ===
c <b service=db   :   =
d <a service=pay  :      ===
"""


def test_what_lies_deeper_than_a_picture_shows_is_counted_at_its_last_level() -> None:
    deep = 20_000
    chain = pl.DataFrame({"number": range(deep)}).select(
        trace_id=pl.lit("t"),
        span_id=pl.col("number").cast(pl.String),
        parent_span_id=(pl.col("number") - 1).cast(pl.String).replace("-1", None),
        service=pl.lit("shop"),
        name=pl.format("call {}", "number"),
        start=pl.lit(datetime(2026, 1, 1, tzinfo=UTC)) + pl.duration(microseconds=pl.col("number")),
        duration_ms=(2.0 * deep - 2 * pl.col("number")) / 1000,
    )
    stacks = critical_stacks(chain)
    assert stacks["stack"].list.len().max() == MAX_DEPTH
    assert stacks["self_ms"].sum() == pytest.approx(2 * deep / 1000)
    assert stacks["total_ms"].max() == pytest.approx(2 * deep / 1000)


def test_the_roots_time_is_shared_out_among_the_operations(draw: Callable) -> None:
    table = critical_path(draw(TRACE))
    assert table.select("service", "critical_ms").rows() == [
        ("shop", 40),
        ("pay", 30),
        ("cart", 20),
        ("db", 10),
    ]
    assert table["share"].sum() == pytest.approx(1)


def test_what_another_call_covers_is_not_on_the_path(draw: Callable) -> None:
    table = critical_path(draw(f"{TRACE}e <a service=mail :      ==\n"))
    assert "mail" not in table["service"].to_list()


def test_no_digit_depends_on_the_order_of_the_spans() -> None:
    length = np.random.default_rng(1).lognormal(12, 4, 5000).round() / 1e6
    number = pl.int_range(5000, eager=True)
    spans = pl.DataFrame({"trace_id": number.cast(pl.String), "service": "shop"}).with_columns(
        span_id="trace_id",
        name=(number % 53).cast(pl.String),
        start=pl.from_epoch(number, "s").dt.replace_time_zone("UTC"),
        duration_ms=length,
    )
    shuffled = spans.sample(fraction=1, shuffle=True, seed=1)
    assert critical_path(shuffled).equals(critical_path(spans))


def test_a_stack_holds_its_own_time_and_all_below_it(draw: Callable) -> None:
    assert critical_stacks(draw(TRACE)).rows() == [
        (["shop: a"], 40, 100),
        (["shop: a", "cart: b"], 20, 30),
        (["shop: a", "cart: b", "db: c"], 10, 10),
        (["shop: a", "pay: d"], 30, 30),
    ]


def test_two_sides_are_compared_stack_by_stack(draw: Callable) -> None:
    slower = TRACE.replace("d <a service=pay  :      ===", "e <a service=pay  :      ====")
    found = {
        tuple(row["stack"][1:]): (row["difference_ms"], row["only"])
        for row in compare_stacks(draw(TRACE), draw(slower)).to_dicts()
    }
    assert found == {
        (): (0, None), ("cart: b",): (0, None), ("cart: b", "db: c"): (0, None),
        ("pay: d",): (-30, "baseline"), ("pay: e",): (40, "incident"),
    }  # fmt: skip


def test_what_makes_slow_requests_slow_grows_to_the_right(draw: Callable) -> None:
    drawing = "\n".join(
        f"a{n} trace=t{n} name=root : {'=' * (10 + (n >= 95) * 20)}\n"
        f"b{n} <a{n} trace=t{n} name=query :  {'=' * (2 + (n >= 95) * 20)}"
        for n in range(100)
    )
    query = critical_by_percentile(draw(drawing)).filter(name="query").sort("ms_per_trace")
    assert query["band"].to_list()[-2:] == ["p95-p99", "p99-p100"]
    assert query["ms_per_trace"].to_list() == [20, 20, 20, 20, 220, 220]


@given(st.data())
@examples(40)
def test_stacks_operations_and_roots_hold_the_same_time(forests, data) -> None:
    spans = data.draw(forests)
    traces = spans["trace_id"].n_unique()
    stacks, operations = critical_stacks(spans), critical_path(spans)
    of_roots = stacks.filter(pl.col("stack").list.len() == 1)["total_ms"].sum()
    assert stacks["self_ms"].sum() * traces == pytest.approx(operations["critical_ms"].sum(), abs=1e-9)
    assert of_roots == pytest.approx(stacks["self_ms"].sum(), abs=1e-9)
