"""What to do about a cause follows from what the evidence shows of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.schema import SPANS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECONDS, ONSET = 1200, 600
STATEMENT = "SELECT price FROM items WHERE id = ?"
Row = dict[str, Any]


def advised(traces: list[list[Row]], finding: str = "dependency-at-fault") -> Row | None:
    """Diagnose traces that begin a second after each other; return a finding, if there is one."""
    rows = [
        {**row, "trace_id": f"t{second}", "start": START + timedelta(seconds=second, milliseconds=row["at"])}
        for second, trace in enumerate(traces)
        for row in trace
    ]
    spans = conform(pl.DataFrame(rows, infer_schema_length=None).drop("at"), SPANS)
    return next(ik.diagnose(spans=spans).findings.filter(id=finding).iter_rows(named=True), None)


def span(own: str, parent: str | None, service: str, at: float, ms: float, **said: Any) -> Row:
    return {"span_id": own, "parent_span_id": parent, "service": service, "name": own, "at": at,
            "duration_ms": ms, "kind": None, "status": None, "peer": None} | said  # fmt: skip


def test_a_service_that_asks_for_each_item_by_itself_is_told_to_ask_at_once_with_its_statement() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        calls = 60 if second >= ONSET else 1
        took = [draw.uniform(4, 6) for _ in range(calls)]
        served = sum(took) + draw.uniform(3, 4)
        asked = [
            span(f"q{number}", "get", "cart", 4 + sum(took[:number]), ms, kind="client", peer="postgresql")
            | {"name": STATEMENT, "attributes": '{"db.system.name": "postgresql"}'}
            for number, ms in enumerate(took)
        ]
        traces.append([
            span("GET", None, "shop", 0, served + 6, kind="server"),
            span("call", "GET", "shop", 2, served + 2, kind="client"),
            span("get", "call", "cart", 3, served, kind="server"),
            *asked,
        ])  # fmt: skip
    finding = advised(traces)
    assert finding is not None
    assert " because of cart (service)." in finding["claim"]
    assert finding["evidence"].startswith("Its calls to postgresql (SELECT ")
    assert " grew from 1 to 60 a request" in finding["evidence"]
    assert finding["change"].startswith("Look at what was released or set in cart: ")


def test_of_a_service_that_fails_by_its_own_doing_it_is_said_to_see_its_errors() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        fails = second >= ONSET and draw.random() < 0.6
        took = draw.uniform(4, 6)
        how = {"status": "error" if fails else None}
        traces.append([
            span("GET", None, "shop", 0, took + 9, kind="server", **how),
            span("call", "GET", "shop", 2, took + 2, kind="client", **how),
            span("get", "call", "pay", 3, took, kind="server", **how),
        ])  # fmt: skip
    finding = advised(traces)
    assert finding is not None
    first = "Look first at the errors that it logs in that window, and take back what was released or "
    assert finding["change"].startswith(f"{first}changed there. ")


def test_of_a_service_that_does_not_answer_it_is_said_to_see_first_whether_it_can_be_reached() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        fails = second >= ONSET and draw.random() < 0.6
        took, status = draw.uniform(4, 6), "error" if fails else None
        answer = [] if fails else [span("get", "call", "pay", 3, took, kind="server")]
        traces.append([
            span("GET", None, "shop", 0, took + 9, kind="server", status=status),
            span("call", "GET", "shop", 2, took + 2, kind="client", peer="pay", status=status),
            *answer,
        ])  # fmt: skip
    finding = advised(traces)
    assert finding is not None
    assert " failed because of pay (service)." in finding["claim"]
    assert finding["change"].startswith("See first whether it runs and can be reached")


CALLEES = ("stock-db", "api.pay.example", "cache", "sessions", "search")


def checkouts(slower: dict[str, float]) -> list[list[Row]]:
    """Return traces of a shop that asks five others one after the other, some of which get slower by ms."""
    draw, traces = Random(1), []
    for second in range(SECONDS):
        trace, at = [span("POST", None, "shop", 0, 0, kind="server")], 2.0
        for peer in CALLEES:
            took = draw.uniform(4, 6) + slower.get(peer, 0) * (second >= ONSET)
            trace.append(span(peer, "POST", "shop", at, took, kind="client", peer=peer))
            at += took + 2
        trace[0]["duration_ms"] = at
        traces.append(trace)
    return traces


@pytest.mark.parametrize(
    ("slower", "is_stated"),
    [({"stock-db": 900, "api.pay.example": 150}, True), ({"stock-db": 900, "api.pay.example": 800}, False)],
)
def test_of_two_that_changed_and_explain_much_the_second_is_said_though_neither_may_be_stated(
    slower: dict[str, float], is_stated: bool
) -> None:
    traces, took = checkouts(slower), 5 + slower["api.pay.example"]
    finding = advised(traces, "second-cause")
    assert finding is not None
    assert finding["claim"].startswith(
        "api.pay.example (upstream) changed beside stock-db: calls to it from shop (api.pay.example) "
        f"take {took:.0f} ms"
    )
    assert finding["evidence"].startswith("stock-db explains ")
    assert (advised(traces) is not None) == is_stated


@pytest.mark.parametrize(
    ("why", "slower"),
    [
        ("nothing else changed", {"stock-db": 900}),
        ("the other explains too little to be looked at now", {"stock-db": 900, "cache": 50}),
        ("all calls of the shop are slow, which is one cause", dict.fromkeys(CALLEES, 300)),
    ],
)
def test_what_is_as_usual_or_explains_little_or_follows_is_no_second_cause(
    why: str, slower: dict[str, float]
) -> None:
    traces = checkouts(slower)
    assert advised(traces) is not None
    assert advised(traces, "second-cause") is None, why


def lookups(bad: Row, good: Row, *, inner: bool = False) -> list[list[Row]]:
    """Return traces of a shop that asks a catalog, of which each fifth call is slow from the onset on.

    `bad` and `good` are the attributes of its spans; `inner`: the time is that of an internal span below.
    """
    draw, traces = Random(1), []
    for second in range(SECONDS):
        is_bad = second % 5 == 0
        extra = 400 * (is_bad and second >= ONSET)
        took, said = draw.uniform(4, 6) + extra, json.dumps(bad if is_bad else good)
        work = [span("init", "get", "catalog", 4, extra, kind="internal")] if inner and extra else []
        traces.append([
            span("GET", None, "shop", 0, took + 9, kind="server"),
            span("call", "GET", "shop", 2, took + 2, kind="client"),
            span("get", "call", "catalog", 3, took, kind="server", attributes=said),
            *work,
        ])  # fmt: skip
    return traces


@pytest.mark.parametrize(
    ("bad", "inner"),
    [({"app.tenant": "initech"}, False), ({"faas.coldstart": "true"}, True)],
)
def test_what_the_bad_calls_to_the_cause_have_in_common_is_said(bad: Row, inner: bool) -> None:
    ((name, value),) = bad.items()
    finding = advised(lookups(bad, {name: "other"}, inner=inner), "bad-calls")
    assert finding is not None
    assert finding["claim"] == f"The calls to catalog that went bad have {name}={value}."
    assert finding["evidence"].startswith("20 % of its calls get have it, and ")


def test_attributes_that_hold_lists_or_objects_are_compared_by_their_plain_values() -> None:
    nested = {"items": [1, 2], "cart": {"total": 3}}
    finding = advised(lookups({"app.tenant": "initech", **nested}, {"app.tenant": "other"}), "bad-calls")
    assert finding is not None
    assert finding["claim"] == "The calls to catalog that went bad have app.tenant=initech."


@pytest.mark.parametrize("odd", [["a", "list"], None, "text"])
def test_attributes_that_are_no_object_tell_nothing_of_the_bad_calls(odd: Any) -> None:
    assert advised(lookups({"app.tenant": "initech"}, odd), "bad-calls") is None


def test_an_instance_is_a_part_and_no_kind_of_calls() -> None:
    traces = lookups({"k8s.pod.name": "catalog-1"}, {"k8s.pod.name": "catalog-2"})
    assert advised(traces, "bad-part") is not None
    assert advised(traces, "bad-calls") is None


def test_what_the_operation_decides_says_no_more_than_the_operation() -> None:
    traces = lookups({"http.request.method": "POST"}, {"http.request.method": "GET"})
    for row in (row for second, trace in enumerate(traces) for row in trace if second % 5 == 0):
        row["name"] = f"{row['name']} by POST"
    assert advised(traces) is not None
    assert advised(traces, "bad-calls") is None


def test_a_value_that_all_calls_have_says_nothing_of_the_bad_ones() -> None:
    assert advised(lookups({"app.tenant": "initech"}, {"app.tenant": "initech"}), "bad-calls") is None
