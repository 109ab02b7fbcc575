"""What spans cannot show: a cause that several services share, and a wait that looks like work."""

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
SECONDS, ONSET, LATE_MS = 1200, 600, 400.0
Row = dict[str, Any]


def span(own: str, parent: str | None, service: str, at: float, ms: float, **said: Any) -> Row:
    """One span; `at` and `ms` are milliseconds, what else is said are columns, or attributes in a dict."""
    said["attributes"] = json.dumps(said.get("attributes", {}))
    return {"span_id": own, "parent_span_id": parent, "service": service, "name": own, "at": at,
            "duration_ms": ms, "kind": None} | said  # fmt: skip


def diagnosed(traces: list[list[Row]], **how: Any) -> ik.Diagnosis:
    """Diagnose traces that begin a second after each other."""
    rows = [
        {**row, "trace_id": f"t{second}", "start": START + timedelta(seconds=second, milliseconds=row["at"])}
        for second, trace in enumerate(traces)
        for row in trace
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None).drop("at")
    return ik.diagnose(spans=conform(frame, SPANS), **how)


@pytest.mark.parametrize(
    ("work", "elsewhere", "stated"),
    [(0.0, True, []), (0.0, False, ["shop"]), (LATE_MS, True, ["shop"])],
    ids=["statements slow down in both", "in one", "and all of its work with them"],
)
def test_work_that_may_be_a_wait_for_what_others_wait_for_is_no_established_cause(
    work: float, elsewhere: bool, stated: list[str]
) -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        # Of stock's requests few need the statement, so that it is no rival.
        service, asks = ("shop", True) if second % 3 else ("stock", draw.random() < 0.2)
        late = draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET else 0.0
        statement = draw.uniform(2, 3) + (late if service == "shop" or elsewhere else 0.0)
        own = draw.uniform(4, 6) + (work if second >= ONSET and service == "shop" else 0.0)
        inner = [span("SELECT", "entry", service, 2, statement)] if asks else []
        traces.append([span("entry", None, service, 0, own + statement * asks), *inner])
    found = diagnosed(traces)
    assert found.dependencies["name"][0] == "shop"
    assert found.dependencies.filter("stated")["name"].to_list() == stated


@pytest.mark.parametrize(("meanwhile", "stated"), [(True, []), (False, ["shop"])])
def test_who_may_wait_for_the_answer_to_a_message_is_no_established_cause(
    meanwhile: bool, stated: list[str]
) -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        late = draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET else 0.0
        handled = draw.uniform(4, 6) + late
        traces.append([
            span("POST", None, "shop", 0, draw.uniform(9, 11) + late, kind="server"),
            span("send", "POST", "shop", 1, 1, kind="producer"),
            span("handle", "send", "price", 3 if meanwhile else 3 + 2 * LATE_MS, handled, kind="consumer"),
        ])  # fmt: skip
    assert diagnosed(traces).dependencies.filter("stated")["name"].to_list() == stated


@pytest.mark.parametrize(("queue", "stated"), [("quotes", []), ("orders", ["shop"])])
def test_who_may_wait_for_a_message_that_is_handled_in_another_trace_is_no_established_cause(
    queue: str, stated: list[str]
) -> None:
    draw, traces = Random(1), []
    sent, handled = ({"messaging.destination.name": name} for name in ("quotes", queue))
    for second in range(SECONDS):
        late = draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET else 0.0
        took = draw.uniform(8, 12) + late
        traces.append([
            span("GET", None, "shop", 0, took + 9, kind="server"),
            span("send", "GET", "shop", 2, 1, kind="producer", attributes=sent),
        ])  # fmt: skip
        traces.append([span("process", None, "pricing", 5, took, kind="consumer", attributes=handled)])
    found = diagnosed(traces)
    assert found.dependencies["name"][0] == "shop"
    assert found.dependencies.filter("stated")["name"].to_list() == stated


def test_who_queues_for_a_slow_database_is_no_established_cause() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        late = second >= ONSET
        query = draw.uniform(4, 6) + draw.uniform(0.8, 1.2) * LATE_MS * late
        queued = draw.uniform(4, 6) + draw.uniform(8, 12) * LATE_MS * late
        traces.append([
            span("GET", None, "shop", 0, queued + query + 20, kind="server"),
            span("call", "GET", "shop", 5, queued + query + 10, kind="client"),
            span("get", "call", "stock", 8, queued + query + 4, kind="server"),
            queried("get", "stock", 10 + queued, "stock-pg") | {"duration_ms": query},
        ])  # fmt: skip
    found = diagnosed(traces)
    assert found.dependencies["name"][0] == "stock"
    assert found.dependencies.filter("stated").is_empty()
    assert "it may queue for those" in found.dependencies["evidence"][0]


def test_services_that_are_slow_on_one_host_only_are_not_the_cause_but_the_host_is_said() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        hosts = {service: f"node-{draw.randrange(3)}" for service in ("shop", "cart")}
        late = {
            service: draw.uniform(0.8, 1.2) * most if second >= ONSET and hosts[service] == "node-1" else 0.0
            for service, most in (("shop", 4 * LATE_MS), ("cart", LATE_MS))
        }
        cart = draw.uniform(4, 6) + late["cart"]
        traces.append([
            span("GET", None, "shop", 0, draw.uniform(8, 9) + cart + late["shop"], kind="server",
                 attributes={"host.name": hosts["shop"]}),
            span("call", "GET", "shop", 2, cart + 2, kind="client", attributes={"host.name": hosts["shop"]}),
            span("get", "call", "cart", 3, cart, kind="server", attributes={"host.name": hosts["cart"]}),
        ])  # fmt: skip
    found = diagnosed(traces)
    assert not found.dependencies["stated"].any()
    (claim,) = found.findings.filter(id="bad-host")["claim"].to_list()
    assert claim == "2 services slowed down in one place: node-1 (host.name)."


@pytest.mark.parametrize(
    ("hosts", "slow", "stated"),
    [(10, ("shop", "cart", "price"), []), (1, ("price",), ["price"])],
    ids=["of others the part that is there is slow", "nobody else is slow there"],
)
def test_who_runs_on_a_slow_host_alone_is_not_the_cause_of_what_others_do_only_there(
    hosts: int, slow: tuple[str, ...], stated: list[str]
) -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        host = {service: f"node-{draw.randrange(hosts)}" for service in ("shop", "cart")}
        host |= {"price": "node-0", "stock": "node-99"}
        late = [one for one in slow if second >= ONSET and host[one] == "node-0"]
        own = {one: draw.uniform(4, 6) + draw.uniform(0.8, 1.2) * LATE_MS * (one in late) for one in host}
        rows: list[Row] = []
        begun, rest = 0.0, sum(own.values())
        for above, one in zip([None, *host], host, strict=False):
            where = {"host.name": host[one]}
            rows.append(span(one, above, one, begun, rest, kind="server", attributes=where))
            begun, rest = begun + own[one] / 2, rest - own[one]
        traces.append(rows)
    found = diagnosed(traces)
    assert found.dependencies.filter("stated")["name"].to_list() == stated
    assert found.findings.filter(id="bad-host").is_empty() == bool(stated)


def test_of_several_databases_under_one_name_the_slow_one_is_said() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        shard = f"db-{draw.randrange(3)}"
        took = draw.uniform(4, 6) + (LATE_MS if second >= ONSET and shard == "db-1" else 0.0)
        address = {"server.address": shard, "db.system.name": "postgresql"}
        traces.append([
            span("GET", None, "shop", 0, took + draw.uniform(8, 9), kind="server"),
            span("SELECT", "GET", "shop", 2, took, kind="client", peer="postgresql", attributes=address),
        ])  # fmt: skip
    found = diagnosed(traces)
    assert found.dependencies.filter("stated")["name"].to_list() == ["postgresql"]
    (claim,) = found.findings.filter(id="bad-part")["claim"].to_list()
    assert claim == "One part of postgresql is bad: db-1 (server.address)."


def test_of_a_candidate_one_of_whose_instances_is_slow_by_itself_that_one_is_said() -> None:
    """Two instances of two services are slow, so that neither service is the cause alone."""
    draw, traces = Random(1), []
    for second in range(SECONDS):
        pods = {service: draw.randrange(10) for service in ("shop", "cart")}
        own = {
            service: draw.uniform(8, 9)
            + (draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET and not pod else 0.0)
            for service, pod in pods.items()
        }
        where = {service: {"service.instance.id": f"{service}-{pod}"} for service, pod in pods.items()}
        traces.append([
            span("GET", None, "shop", 0, sum(own.values()) + 2, kind="server", attributes=where["shop"]),
            span("call", "GET", "shop", 2, own["cart"] + 2, kind="client", attributes=where["shop"]),
            span("get", "call", "cart", 3, own["cart"], kind="server", attributes=where["cart"]),
        ])  # fmt: skip
    found = diagnosed(traces)
    assert not found.dependencies["stated"].any()
    first = found.dependencies["name"][0]
    (claim,) = found.findings.filter(id="bad-part")["claim"].to_list()
    assert claim == f"One part of {first} is bad: {first}-0 (service.instance.id)."


@pytest.mark.parametrize(
    ("lossy", "stated"), [(True, []), (False, ["shop"])], ids=["spans are lost", "calls are made no more"]
)
def test_who_calls_less_is_not_stated_where_spans_are_missing_too(lossy: bool, stated: list[str]) -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        calls = [
            [
                span(f"call {n}", "GET", "shop", 4 * n + 1, 4, kind="client"),
                span(f"get {n}", f"call {n}", "cart", 4 * n + 2, 2, kind="server"),
            ]
            for n in range(4)
        ]
        if second >= ONSET and lossy:
            calls = [[part for part in call if draw.random() < 0.3] for call in calls]
        elif second >= ONSET:
            calls = calls if draw.random() < 0.3 else []
        entry = span("GET", None, "shop", 0, draw.uniform(20, 21), kind="server")
        traces.append([entry, *(part for call in calls for part in call)])
    middle, end = (f"{START + timedelta(seconds=after):%FT%TZ}" for after in (ONSET, SECONDS))
    ranking = diagnosed(traces, incident=f"{middle}/{end}").dependencies
    assert "go on to cart" in ranking["evidence"][0]
    assert ranking.filter("stated")["name"].to_list() == stated


def failing(own: str, parent: str | None, service: str, at: float, ms: float, **said: Any) -> Row:
    return span(own, parent, service, at, ms, status="error", **said)


def queried(parent: str, service: str, at: float, database: str, *, fails: bool = False) -> Row:
    """A statement of a service to a database."""
    address = {"server.address": database, "db.system.name": "postgresql"}
    one = failing if fails else span
    return one(f"SELECT {database}", parent, service, at, 2, kind="client", peer="postgresql",
               attributes=address)  # fmt: skip


def test_requests_that_one_operation_serves_are_not_taken_for_others_where_one_kind_of_them_fails() -> None:
    """A GraphQL gateway has one operation. If all of its requests that need users fail, those that search are
    left. The gateway does not call search more often than it did, nor stock less often."""
    draw, traces = Random(1), []
    for second in range(SECONDS):
        searches = second % 5 < 2
        callees = ["search"] if searches else ["stock", "users"]
        bad = second >= ONSET and not searches
        rows = []
        for place, callee in enumerate(callees):
            one, at = (failing if bad and callee == "users" else span), 10.0 * place + 1
            rows += [
                one(f"call {callee}", "POST /graphql", "gateway", at, 8, kind="client", name="POST"),
                one(callee, f"call {callee}", callee, at + 1, 6, kind="server", name="POST /graphql"),
                queried(callee, callee, at + 2, f"{callee}-pg", fails=bad and callee == "users"),
            ]
        root = failing if bad else span
        took = 10.0 * len(callees) + draw.uniform(2, 4)
        traces.append([root("POST /graphql", None, "gateway", 0, took, kind="server"), *rows])
    found = diagnosed(traces)
    assert found.dependencies.filter("stated")["name"].to_list() == ["postgresql users-pg"]
    assert found.dependencies.filter(pl.col("score") > 0.5)["name"].to_list() == [
        "postgresql users-pg",
        "users",
    ]


def test_neither_a_pool_without_connections_nor_its_database_is_stated() -> None:
    """A call that gets no connection leaves no span. That other databases answer clears neither."""
    draw, traces = Random(1), []
    for second in range(SECONDS):
        needs_it = second % 2
        bad = second >= ONSET and needs_it
        one, waits = (failing, 3000.0) if bad else (span, 0.0)
        statements = [queried("GET", "shop", 3, "session-pg"), queried("GET", "shop", 6, "replica-pg")]
        if needs_it and not bad:
            statements.append(queried("GET", "shop", 9, "main-pg"))
        took = draw.uniform(12, 16) + waits
        route = "/cart" if needs_it else "/search"
        traces.append([one("GET", None, "shop", 0, took, kind="server", route=route), *statements])
    found = diagnosed(traces)
    assert not found.dependencies["stated"].any()
    assert set(found.dependencies["name"][:2]) == {"shop", "postgresql main-pg"}
    assert found.dependencies["score"].to_list()[2:] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("passing", "stated"),
    [(None, []), (True, ["price"]), (False, [])],
    ids=["any request fails", "those that call it fail", "those that do not call it fail"],
)
def test_who_is_slow_for_failed_requests_as_for_others_is_not_the_cause_of_failures(
    passing: bool | None, stated: list[str]
) -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        asks = draw.random() < 0.4
        late = draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET else 0.0
        may_fail = passing is None or passing == asks
        fails = second >= ONSET and may_fail and draw.random() < 0.1
        price = draw.uniform(4, 6) + late
        status = "error" if fails else None
        root = draw.uniform(8, 9) + (price + 4) * asks
        asked = [
            span("call", "GET", "shop", 2, price + 2, kind="client"),
            span("get", "call", "price", 3, price, kind="server"),
        ]
        traces.append([span("GET", None, "shop", 0, root, kind="server", status=status), *asked * asks])
    found = diagnosed(traces, targets={"latency_ms": 5_000})
    assert found.incidents["kind"].to_list() == ["errors"]
    assert found.dependencies["name"][0] == "price"
    assert found.dependencies.filter("stated")["name"].to_list() == stated


@pytest.mark.parametrize(
    ("cut_off", "calls_it", "first", "stated"),
    [
        (False, False, "stock", []),
        (False, True, "price", ["price"]),
        (True, False, "price", ["price"]),
    ],
    ids=["stock fails by chance", "stock may fail because of price", "stock fails where price took longest"],
)
def test_who_is_only_slow_is_not_the_cause_of_failures_that_are_another_ones(
    cut_off: bool, calls_it: bool, first: str, stated: list[str]
) -> None:
    """Each request asks price, and then stock, which asks price itself in one of the cases."""
    draw, traces = Random(1), []
    for second in range(SECONDS):
        price = draw.uniform(4, 6) + (draw.uniform(0.8, 1.2) * LATE_MS if second >= ONSET else 0.0)
        fails = second >= ONSET and (price > 1.1 * LATE_MS if cut_off else draw.random() < 0.2)
        one, own = (failing if fails else span), draw.uniform(4, 6)
        inner = [
            span("ask", "take", "stock", price + 10, price + 1, kind="client"),
            span("asked", "ask", "price", price + 11, price, kind="server"),
        ]
        stock = own + (price + 2) * calls_it
        traces.append([
            one("GET", None, "shop", 0, price + stock + 20, kind="server"),
            span("call price", "GET", "shop", 2, price + 2, kind="client"),
            span("price", "call price", "price", 3, price, kind="server"),
            one("call stock", "GET", "shop", price + 7, stock + 2, kind="client"),
            one("take", "call stock", "stock", price + 8, stock, kind="server"),
            *inner * calls_it,
        ])  # fmt: skip
    found = diagnosed(traces, targets={"latency_ms": 5_000})
    assert found.incidents["kind"].to_list() == ["errors"]
    assert found.dependencies["name"][0] == first
    assert found.dependencies.filter("stated")["name"].to_list() == stated
    second_causes = found.findings.filter(id="second-cause")["claim"].to_list()
    assert [claim.split(" (")[0] for claim in second_causes] == (["price"] if first == "stock" else ["stock"])


def test_who_does_not_answer_is_stated_though_failed_requests_show_no_span_of_it() -> None:
    draw, traces = Random(1), []
    for second in range(SECONDS):
        asks, took = draw.random() < 0.4, draw.uniform(4, 6)
        fails = second >= ONSET and asks
        one = failing if fails else span
        answer = [] if fails else [span("get", "call", "price", 3, took, kind="server")]
        asked = [one("call", "GET", "shop", 2, took + 2, kind="client"), *answer]
        traces.append([one("GET", None, "shop", 0, took + 9, kind="server"), *asked * asks])
    found = diagnosed(traces)
    assert found.dependencies.filter("stated")["name"].to_list() == ["price"]


def test_who_returns_early_is_stated_and_none_of_the_databases_that_it_no_longer_calls() -> None:
    draw, traces, databases = Random(1), [], ("cart-pg", "price-pg", "stock-pg")
    for second in range(SECONDS):
        early = second >= ONSET
        one, took = (failing, 1.0) if early else (span, draw.uniform(12, 16))
        statements = [
            queried("GET", "shop", 3.0 * place + 1, name) for place, name in enumerate(databases) if not early
        ]
        traces.append([one("GET", None, "shop", 0, took, kind="server"), *statements])
    found = diagnosed(traces)
    assert found.dependencies["name"][0] == "shop"
    assert found.dependencies["score"][1] < 0.5
