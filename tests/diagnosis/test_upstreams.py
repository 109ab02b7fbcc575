"""Which upstream is at fault, from a proxy's log alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES
from incident_kit.diagnosis.causes.upstreams import rank_upstreams
from incident_kit.diagnosis.culprits.proxy_spans import EITHER
from incident_kit.schema import REQUESTS, conform
from incident_kit.window import Window
from incident_kit.wording import UNEXPLAINED

START = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE = Window(START, START + timedelta(seconds=200))
DURING = Window(BEFORE.end, BEFORE.end + timedelta(seconds=100))
A, B, C = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"

Row = dict[str, Any]
Fault = Callable[[Row, Random], None]


def log(fault: Fault, *, phases: bool = False) -> pl.DataFrame:
    """Ten requests a second over three upstreams; the fault changes those of the incident.

    With `phases` the log is one that says how long the client took to send (as HAProxy's does).
    """
    draw, rows = Random(1), []
    for number in range(3000):
        start, upstream_ms = START + timedelta(seconds=number / 10), draw.lognormvariate(3, 0.4)
        row: Row = {
            "start_time": start, "method": "GET", "route": "/x", "status": 200, "source": "log",
            "duration_ms": upstream_ms + draw.lognormvariate(1, 0.3), "upstream_addr": draw.choice([A, B, C]),
            "upstream_status": 200, "upstream_duration_ms": upstream_ms, "line_number": number,
            "extra": {"request_ms": 1.0, "queue_ms": 0.0, "connect_ms": 0.2} if phases else {},
        }  # fmt: skip
        if start >= DURING.start:
            fault(row, draw)
        rows.append({**row, "extra": json.dumps(row["extra"])})
    return conform(pl.DataFrame(rows), REQUESTS)


def nothing(_row: Row, _draw: Random) -> None:
    pass


def slow_upstream(row: Row, _draw: Random) -> None:
    if row["upstream_addr"] == B:
        row["duration_ms"] += 200
        row["upstream_duration_ms"] += 200


def failing_upstream(row: Row, draw: Random) -> None:
    if row["upstream_addr"] == C and draw.random() < 0.5:
        row["status"] = row["upstream_status"] = 502


def failing_first_attempt(row: Row, draw: Random) -> None:
    if row["upstream_addr"] == C and draw.random() < 0.6:
        answer = {"addr": A, "status": 200, "ms": row["upstream_duration_ms"]}
        row["extra"]["attempts"] = [{"addr": C, "status": 502, "ms": 3.0}, answer]
        row["upstream_addr"] = A


def all_upstreams_slow(row: Row, _draw: Random) -> None:
    row["duration_ms"] += 150
    row["upstream_duration_ms"] += 150


def slow_clients(row: Row, _draw: Random) -> None:
    row["duration_ms"] += 300


def queue_for_upstream(row: Row, _draw: Random) -> None:
    if row["upstream_addr"] == B:
        row["extra"]["queue_ms"] = 200.0
        row["duration_ms"] += 200


def hanging_upstream(row: Row, draw: Random) -> None:
    if row["upstream_addr"] == B and draw.random() < 0.3:
        row |= {"status": 499, "upstream_status": None, "upstream_duration_ms": None, "duration_ms": 3000.0}
        row["extra"] |= {"connect_ms": None}


@pytest.mark.parametrize(
    ("fault", "phases", "name", "kind"),
    [
        (slow_upstream, False, B, "upstream"),
        (failing_upstream, False, C, "upstream"),
        (failing_first_attempt, False, C, "upstream"),
        (slow_clients, False, "proxy or client", "proxy"),
        (slow_clients, True, "client", "client"),
        (queue_for_upstream, True, B, "upstream"),
        (hanging_upstream, False, B, "upstream"),
        (hanging_upstream, True, B, "upstream"),
    ],
)
def test_the_one_at_fault_is_first_and_stated(fault: Fault, phases: bool, name: str, kind: str) -> None:
    ranking = rank_upstreams(log(fault, phases=phases), DURING, BEFORE)
    assert ranking.select("name", "kind", "stated").row(0) == (name, kind, True), ranking


@pytest.mark.parametrize("own", [3, "two", {"a": 1}, [1, 2]])
def test_a_log_may_call_a_field_of_its_own_attempts(own: Any) -> None:
    def fault(row: Row, draw: Random) -> None:
        slow_upstream(row, draw)
        row["extra"]["attempts"] = own

    ranking = rank_upstreams(log(fault), DURING, BEFORE)
    assert ranking.select("name", "stated").row(0) == (B, True)


@pytest.mark.parametrize("fault", [nothing, all_upstreams_slow], ids=["healthy", "all upstreams alike"])
def test_nothing_is_stated_where_nothing_sets_one_apart(fault: Fault) -> None:
    assert not rank_upstreams(log(fault), DURING, BEFORE)["stated"].any()


def all_upstreams_very_slow(row: Row, _draw: Random) -> None:
    row["duration_ms"] += 2000
    row["upstream_duration_ms"] += 2000


@pytest.mark.parametrize("seed", range(10, 14))
def test_of_upstreams_that_are_all_slow_none_is_stated_for_having_had_a_few_more_requests(seed: int) -> None:
    draw = Random(seed)
    spread = [f"10.0.0.{draw.randint(1, 6)}:80" for _ in range(3000)]
    thin = pl.Series([number < 2000 or draw.random() < 0.03 for number in range(3000)])
    six = log(all_upstreams_very_slow).with_columns(upstream_addr=pl.Series(spread)).filter(thin)
    assert not rank_upstreams(six, DURING, BEFORE)["stated"].any()


def all_fail_and_one_more_often(row: Row, draw: Random) -> None:
    if draw.random() < (0.6 if row["upstream_addr"] == C else 0.35):
        row["status"] = row["upstream_status"] = 502


def test_where_the_others_fail_too_it_is_not_one_alone() -> None:
    ranking = rank_upstreams(log(all_fail_and_one_more_often), DURING, BEFORE, kind="errors")
    assert ranking["name"][0] == C
    assert not ranking["stated"].any()


def new_upstream_that_fails(row: Row, draw: Random) -> None:
    if draw.random() < 0.15:
        row["upstream_addr"] = "10.0.0.9:80"
        if draw.random() < 0.6:
            row["status"] = row["upstream_status"] = 502


def test_a_proxy_that_sends_requests_to_a_new_upstream_is_not_at_fault() -> None:
    ranking = rank_upstreams(log(new_upstream_that_fails), DURING, BEFORE, kind="errors")
    assert "proxy or client" not in ranking.filter("stated")["name"].to_list()


def no_upstream_left(row: Row, draw: Random) -> None:
    if draw.random() < 0.8:
        row.update(status=503, upstream_addr=None, upstream_status=None, upstream_duration_ms=None)


@pytest.mark.parametrize("phases", [False, True])
def test_a_proxy_with_no_upstream_left_to_ask_is_a_candidate(phases: bool) -> None:
    first = rank_upstreams(log(no_upstream_left, phases=phases), DURING, BEFORE, kind="errors").row(
        0, named=True
    )
    assert (first["kind"], first["stated"]) == ("proxy", False)
    assert first["evidence"].endswith("it asked no upstream, as it does where none is left")


def queue_without_a_server(row: Row, _draw: Random) -> None:
    row.update(status=503, upstream_addr=None, upstream_status=None, upstream_duration_ms=None)
    row["extra"] |= {"queue_ms": 5000.0, "connect_ms": None}
    row["duration_ms"] = 5000.0


def test_what_a_request_waits_for_that_no_server_takes_is_not_its_client() -> None:
    ranking = rank_upstreams(log(queue_without_a_server, phases=True), DURING, BEFORE, kind="errors")
    assert ranking["name"][0] == "proxy"
    assert ranking.filter(name="client")["share"].abs().sum() < 0.05


def failing_proxy(row: Row, draw: Random) -> None:
    if draw.random() < 0.5:
        row["status"] = 500


def test_a_proxy_that_fails_what_its_upstreams_answered_is_stated() -> None:
    ranking = rank_upstreams(log(failing_proxy), DURING, BEFORE, kind="errors")
    assert ranking.select("name", "stated").row(0) == ("proxy or client", True)


def test_what_an_upstream_waits_for_may_have_failed() -> None:
    ranking = rank_upstreams(log(failing_upstream), DURING, BEFORE)
    assert ranking["evidence"][0].endswith("more of the calls to it fail")


@pytest.mark.parametrize(("fault", "kind"), [(slow_upstream, "latency"), (failing_upstream, "errors")])
def test_shares_divide_the_excess_without_remainder(fault: Fault, kind: str) -> None:
    ranking = rank_upstreams(log(fault), DURING, BEFORE, kind=kind)
    assert ranking["share"].sum() == pytest.approx(1, abs=1e-6)
    assert ranking["share"][0] == pytest.approx(1, abs=0.1)
    assert ranking["name"][-1] == UNEXPLAINED
    assert ranking.schema == pl.Schema(DEPENDENCIES)


@pytest.mark.parametrize("phases", [False, True])
def test_the_time_that_an_upstream_does_not_answer_is_its_own(phases: bool) -> None:
    ranking = rank_upstreams(log(hanging_upstream, phases=phases), DURING, BEFORE, kind="latency")
    assert ranking["name"][0] == B
    assert ranking["share"][0] > 0.95


def test_time_outside_every_upstream_is_said_so() -> None:
    ranking = rank_upstreams(log(slow_clients), DURING, BEFORE)
    assert ranking["evidence"][0].startswith("the time outside every upstream grew from")


def test_a_lone_upstream_is_a_candidate_for_it_may_be_what_is_behind_it() -> None:
    alone = log(all_upstreams_slow).with_columns(upstream_addr=pl.lit(A))
    first = rank_upstreams(alone, DURING, BEFORE).row(0, named=True)
    assert (first["name"], first["kind"], first["stated"]) == (A, "upstream", False)
    assert "no other upstream answers these endpoints" in first["evidence"]


def test_an_upstream_of_endpoints_of_its_own_is_a_lone_one() -> None:
    apart = log(slow_upstream).with_columns(route=pl.concat_str(pl.lit("/of/"), "upstream_addr"))
    ranking = rank_upstreams(apart, DURING, BEFORE)
    assert (ranking["name"][0], ranking["stated"].any()) == (B, False)


def test_a_proxy_that_is_slow_itself_is_stated_though_it_has_one_upstream() -> None:
    """It timed the attempts itself, so that nothing of them can hide in its own time."""

    def slow_proxy(row: Row, _draw: Random) -> None:
        row["duration_ms"] += 150

    alone = log(slow_proxy).with_columns(upstream_addr=pl.lit(A))
    first = rank_upstreams(alone, DURING, BEFORE).row(0, named=True)
    assert (first["name"], first["stated"]) == (EITHER, True)


def test_a_lone_upstream_that_was_not_asked_is_not_the_first_candidate() -> None:
    requests = log(no_upstream_left)
    alone = requests.with_columns(
        pl.when(pl.col("upstream_addr").is_not_null()).then(pl.lit(A)).alias("upstream_addr")
    )
    first = rank_upstreams(alone, DURING, BEFORE, kind="errors").row(0, named=True)
    assert (first["name"], first["stated"]) == (EITHER, False)
