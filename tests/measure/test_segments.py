"""Segments: the stretches of work of one service, and the calls that lead from one to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.schema import SPANS, conform
from tests.laws import examples
from tests.measure.found_segments import found_segments

START = datetime(2026, 1, 1, tzinfo=UTC)


def spans(*rows: dict[str, object]) -> pl.DataFrame:
    """One trace; `at` and `ms` are milliseconds."""
    frame = pl.DataFrame([
        {
            "trace_id": row.get("trace", "t"),
            "span_id": row["id"],
            "parent_span_id": row.get("parent"),
            "service": row["service"],
            "name": row.get("name", row["id"]),
            "kind": row.get("kind"),
            "peer": row.get("peer"),
            "status": row.get("status"),
            "route": row.get("route"),
            "start": START + timedelta(milliseconds=float(row["at"])),  # type: ignore[arg-type]
            "duration_ms": float(row["ms"]),  # type: ignore[arg-type]
        }
        for row in rows
    ], infer_schema_length=None)  # fmt: skip
    return conform(frame, SPANS)


SHOP = {"id": "a", "service": "shop", "at": 0, "ms": 100, "kind": "server"}
CALL = {"id": "b", "parent": "a", "service": "shop", "at": 10, "ms": 50, "kind": "client"}
CART = {"id": "c", "parent": "b", "service": "cart", "at": 15, "ms": 30, "kind": "server"}


def unlabelled(*rows: dict[str, object]) -> list[dict[str, object]]:
    return [{**row, "kind": None} for row in rows]


def test_spans_of_one_service_that_hang_together_are_one_segment() -> None:
    inner = {"id": "i", "parent": "c", "service": "cart", "at": 16, "ms": 20}
    found = found_segments(spans(SHOP, CALL, CART, inner))
    assert found.segments.select("service", "operation", "root").rows() == [
        ("shop", "a", True),
        ("cart", "c", False),
    ]


@pytest.mark.parametrize(
    "rows", [[SHOP, CALL, CART], unlabelled(SHOP, CALL, CART)], ids=["labelled", "unlabelled"]
)
def test_own_time_is_what_no_call_covers_and_a_gap_is_what_the_callee_does_not(
    rows: list[dict[str, object]],
) -> None:
    found = found_segments(spans(*rows))
    assert found.segments["own_ms"].to_list() == [50, 30]
    call = found.calls.row(0, named=True)
    assert (call["caller"], call["callee"], call["operation"]) == ("shop", "cart", "c")
    assert (call["gap_ms"], call["before_ms"], call["after_ms"]) == (20, 5, 15)


def test_calls_side_by_side_are_waited_for_once() -> None:
    other = {**CALL, "id": "d", "at": 30, "ms": 50}
    answer = {**CART, "id": "e", "parent": "d", "at": 31, "ms": 40}
    found = found_segments(spans(SHOP, CALL, CART, other, answer))
    assert found.segments["own_ms"][0] == 100 - 70


def test_around_a_call_without_a_span_are_its_callers_own_stretches() -> None:
    found = found_segments(spans(SHOP, {**CART, "parent": "a"}))
    assert found.segments["own_ms"].to_list() == [70, 30]
    assert found.calls.select("recorded", "before_ms", "after_ms", "gap_ms").rows() == [(False, 15, 55, 70)]


def test_a_stretch_between_two_calls_to_the_same_callee_is_on_no_side_of_either() -> None:
    below = {**CART, "parent": "a"}
    again, other = {**below, "id": "d", "at": 55, "ms": 10}, {**below, "id": "e", "service": "tax", "at": 80}
    found = found_segments(spans(SHOP, below, again, {**other, "ms": 5}))
    sides = found.calls.select("callee", "before_ms", "after_ms", "gap_ms").rows()
    assert sides == [("cart", 15, None, 25), ("cart", None, 15, 25), ("tax", 15, 15, 30)]


def test_calls_side_by_side_without_spans_have_the_same_stretches_around_them() -> None:
    below = {**CART, "parent": "a"}
    found = found_segments(spans(SHOP, below, {**below, "id": "d", "service": "tax", "at": 20, "ms": 40}))
    assert found.calls.select("before_ms", "after_ms").rows() == [(15, 40), (15, 40)]


def test_nobody_waits_around_a_message() -> None:
    message = {"id": "m", "parent": "a", "service": "mailer", "at": 20, "ms": 5, "kind": "consumer"}
    found = found_segments(spans(SHOP, message))
    assert found.calls["gap_ms"].to_list() == [None]


def test_a_childless_client_span_is_a_call_to_the_peer_it_names() -> None:
    query = {
        "id": "q",
        "parent": "a",
        "service": "shop",
        "at": 5,
        "ms": 7,
        "kind": "client",
        "peer": "postgresql",
    }
    found = found_segments(spans(SHOP, query))
    call = found.calls.row(0, named=True)
    assert (call["callee"], call["operation"], call["callee_segment"], call["duration_ms"]) == (
        "postgresql",
        "q",
        NO_ANSWER,
        7,
    )
    assert found.segments["own_ms"].to_list() == [93]


def test_a_childless_span_without_kind_or_peer_is_the_services_own_work() -> None:
    found = found_segments(
        spans(*unlabelled(SHOP), {"id": "q", "parent": "a", "service": "shop", "at": 5, "ms": 7})
    )
    assert found.calls.is_empty()
    assert found.segments["own_ms"].to_list() == [100]


def answered(
    trace: int, *, at: float, answer: bool, name: str = "call cart", refused_ms: float = 2.0
) -> list[dict[str, object]]:
    rows = [{**row, "trace": f"t{trace}", "at": row["at"] + at} for row in unlabelled(SHOP, CALL, CART)]  # type: ignore[operator]
    rows[1] |= {"name": name} if answer else {"name": name, "ms": refused_ms}
    return rows if answer else rows[:2]


@pytest.mark.parametrize(
    ("lasts", "failed"),
    [(2.0, True), (500.0, True), (50.0, False)],
    ids=["refused", "given up", "as long as ever: its spans are lost"],
)
def test_a_call_that_used_to_be_answered_and_is_not_has_failed_at_the_one_who_used_to(
    lasts: float, failed: bool
) -> None:
    rows = [
        row
        for trace in range(20)
        for row in answered(trace, at=1000 * trace, answer=trace < 10, refused_ms=lasts)
    ]
    frame = spans(*rows)
    usual = (frame["start"] < START + timedelta(seconds=10)).to_numpy()
    calls = found_segments(frame, usual).calls
    assert calls["callee"].unique().to_list() == ["cart"]
    assert calls["origin"].to_list() == [False] * 10 + [failed] * 10


def test_a_call_after_which_its_caller_stops_has_failed_however_long_it_took() -> None:
    rows = []
    for trace in range(20):
        rows += answered(trace, at=1000 * trace, answer=trace < 10, refused_ms=50)
        second = {**CALL, "id": "d", "at": 1000 * trace + 70, "ms": 20, "name": "call stock"}
        stock = {**CART, "id": "e", "parent": "d", "service": "stock", "at": 1000 * trace + 72, "ms": 10}
        rows += [{**row, "trace": f"t{trace}"} for row in unlabelled(second, stock) if trace < 10]
    frame = spans(*rows)
    usual = (frame["start"] < START + timedelta(seconds=10)).to_numpy()
    assert found_segments(frame, usual).calls.filter("origin")["callee"].to_list() == ["cart"] * 10


def test_where_the_turn_does_not_tell_the_span_around_a_call_does() -> None:
    rows = []
    for trace in range(40):
        for turn, callee in enumerate(("cart", "stock") if trace % 2 else ("stock", "cart")):
            at, killed = 1000 * trace + 10 + 40 * turn, callee == "cart" and trace >= 20
            around = {**CALL, "id": f"for {callee}", "at": at, "ms": 30}
            call = {**CALL, "id": f"to {callee}", "parent": f"for {callee}", "at": at + 1, "name": "HTTP GET"}
            work = {**CART, "id": callee, "parent": f"to {callee}", "service": callee, "at": at + 5, "ms": 20}
            parts = [around, {**call, "ms": 2 if killed else 28}, *([] if killed else [work])]
            rows += [{**row, "trace": f"t{trace}"} for row in unlabelled(*parts)]
        rows.append({**unlabelled(SHOP)[0], "trace": f"t{trace}", "at": 1000 * trace})
    frame = spans(*rows)
    usual = (frame["start"] < START + timedelta(seconds=20)).to_numpy()
    assert found_segments(frame, usual).calls.filter("origin")["callee"].to_list() == ["cart"] * 20


def test_a_call_that_tells_its_answer_has_not_failed_where_the_callees_span_is_missing() -> None:
    rows = [row for trace in range(20) for row in answered(trace, at=1000 * trace, answer=trace < 10)]
    frame = spans(*({**row, "status": "ok"} for row in rows))
    usual = (frame["start"] < START + timedelta(seconds=10)).to_numpy()
    calls = found_segments(frame, usual).calls
    assert calls["callee"].to_list() == ["cart"] * 20
    assert not calls["failed"].any()


def test_where_the_name_does_not_tell_the_turn_of_the_call_does() -> None:
    rows = []
    for trace in range(20):
        rows += answered(trace, at=1000 * trace, answer=True, name="HTTP GET")
        lasts = 20 if trace < 10 else 1
        second = {**CALL, "id": "d", "at": 1000 * trace + 70, "ms": lasts, "name": "HTTP GET"}
        stock = {**CART, "id": "e", "parent": "d", "service": "stock", "at": 1000 * trace + 72, "ms": 10}
        rows += [
            {**row, "trace": f"t{trace}"} for row in unlabelled(second, *([stock] if trace < 10 else []))
        ]
    frame = spans(*rows)
    usual = (frame["start"] < START + timedelta(seconds=10)).to_numpy()
    calls = found_segments(frame, usual).calls
    assert calls.filter("origin")["callee"].to_list() == ["stock"] * 10


@pytest.mark.parametrize(("handlers", "named"), [(3, ["cart"] * 10), (12, [])], ids=["often", "hardly ever"])
def test_a_name_that_is_hardly_ever_answered_names_nobody_by_its_turn(
    handlers: int, named: list[str]
) -> None:
    rows = []
    for trace in range(20):
        at = 1000 * trace
        spans_of_one_name = [
            {**CALL, "id": f"h{turn}", "at": at + 10 + 6 * turn, "ms": 5, "name": "handler"}
            for turn in range(handlers)
        ]
        cart = {**CART, "parent": f"h{handlers - 1}", "at": at + 11 + 6 * (handlers - 1), "ms": 3}
        parts = [{**SHOP, "at": at}, *spans_of_one_name, *([cart] if trace < 10 else [])]
        rows += [{**row, "trace": f"t{trace}"} for row in unlabelled(*parts)]
    frame = spans(*rows)
    usual = (frame["start"] < START + timedelta(seconds=10)).to_numpy()
    unanswered = found_segments(frame, usual).calls.filter(callee_segment=NO_ANSWER)
    assert unanswered["callee"].to_list() == named


def test_one_name_with_two_routes_is_two_operations() -> None:
    gets = [{**SHOP, "id": route, "name": "GET", "route": route} for route in ("/cart", "/export")]
    found = found_segments(spans(*gets)).segments
    assert found["operation"].to_list() == ["GET /cart", "GET /export"]


def test_an_error_begins_where_no_failed_call_explains_it() -> None:
    failing = [{**row, "status": "error"} for row in (SHOP, CALL, CART)]
    found = found_segments(spans(*failing))
    assert found.segments.select("service", "origin").rows() == [("shop", False), ("cart", True)]
    assert not found.calls["origin"].any()


def test_a_failed_call_whose_callee_did_well_begins_between_the_two() -> None:
    found = found_segments(spans({**SHOP, "status": "error"}, {**CALL, "status": "error"}, CART))
    assert found.calls["origin"].to_list() == [True]
    assert not found.segments["origin"].any()


def test_a_service_that_calls_itself_over_the_network_begins_a_new_segment() -> None:
    found = found_segments(spans(SHOP, CALL, {**CART, "service": "shop"}))
    assert found.segments.height == 2
    assert found.calls["callee"].to_list() == ["shop"]


def test_parents_in_a_circle_end() -> None:
    circle = [{**SHOP, "parent": "b"}, CALL]
    assert found_segments(spans(*circle)).segments.height <= 2


@given(order=st.permutations(range(3)), twice=st.booleans())
@examples(12)
def test_order_and_repetition_change_nothing(order: list[int], twice: bool) -> None:
    rows = [[SHOP, CALL, CART][place] for place in order]
    found = found_segments(spans(*rows, *(rows if twice else [])))
    assert sorted(found.segments.select("service", "own_ms").rows()) == [("cart", 30), ("shop", 50)]


def test_the_critical_time_of_a_trace_is_divided_without_remainder() -> None:
    found = found_segments(spans(SHOP, CALL, CART))
    assert found.segments["critical_ms"].to_list() == [50, 30]
    assert found.calls["critical_ms"].to_list() == [20]


def test_critical_time_is_left_out_where_nobody_asks_for_it_and_nothing_else_with_it() -> None:
    whole, without = (found_segments(spans(SHOP, CALL, CART), critical=asked) for asked in (True, False))
    assert without.segments["critical_ms"].to_list() == [0, 0]
    assert without.segments.drop("critical_ms").equals(whole.segments.drop("critical_ms"))
    assert without.calls.drop("critical_ms").equals(whole.calls.drop("critical_ms"))


def test_nobody_waits_for_a_message_so_its_wait_is_unknown() -> None:
    sent = {**CALL, "kind": "producer", "ms": 1}
    handled = {**CART, "kind": "consumer", "at": 40}
    found = found_segments(spans(SHOP, sent, handled))
    assert found.calls["gap_ms"].to_list() == [None]
    assert found.segments.filter(service="shop")["own_ms"].to_list() == [99]


def test_a_span_without_times_is_no_part_of_a_segment() -> None:
    frame = spans(SHOP, CALL, CART)
    unfinished = frame.with_columns(
        duration_ms=pl.when(pl.col("span_id") == "b").then(None).otherwise("duration_ms")
    )
    found = found_segments(unfinished)
    assert found.segments.select("service", "own_ms").rows() == [("shop", 100), ("cart", 30)]
    assert found.calls.is_empty()
