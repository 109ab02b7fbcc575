"""Which requests count, what their status means, and when one is bad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.requests.outcome import is_given_up
from incident_kit.measure.requests.status_meaning import GRPC_STATUS, meant_status
from incident_kit.measure.requests.validity import Exclusion, exclusion_reason
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.slo import Slo

Make = Callable[..., pl.DataFrame]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"path": "/healthz"}, "health check"),
        ({"path": "/api/v1/health/"}, "health check"),
        ({"path": "/actuator/health/liveness"}, "health check"),
        ({"path": "/-/ready"}, "health check"),
        ({"path": "/", "user_agent": "kube-probe/1.29"}, "health check"),
        ({"path": "/", "user_agent": "ELB-HealthChecker/2.0"}, "health check"),
        ({"path": "/grpc.health.v1.Health/Check"}, "health check"),
        ({"path": "/metrics"}, "metrics scrape"),
        ({"path": "/x", "user_agent": "Prometheus/2.51.0"}, "metrics scrape"),
        ({"status": 101}, "WebSocket"),
        ({"method": "CONNECT"}, "stream"),
        ({"path": "/socket.io/", "query": "EIO=4&transport=polling"}, "stream"),
        ({"path": "/socket.io/", "status": 399}, "stream"),
        ({"path": "/socket.io/", "status": 400}, None),
        ({"path": "/socket.io/", "status": 502}, None),
        ({"path": "/api/pods", "query": "watch=true"}, "stream"),
        ({"path": "/healthy-recipes"}, None),
        ({"path": "/users/up"}, None),
        ({"path": "/shop/metrics-report"}, None),
        ({"path": None, "user_agent": None, "status": None}, None),
    ],
)
def test_what_counts_and_what_does_not(make_requests: Make, row: dict[str, Any], reason: str | None) -> None:
    assert make_requests(row).select(exclusion_reason())["reason"].to_list() == [reason]


def test_the_table_of_exclusions_is_a_parameter(make_requests: Make) -> None:
    internal = (Exclusion("internal", "path", "^/internal/"),)
    requests = make_requests({"path": "/internal/x"}, {"path": "/healthz"})
    assert requests.select(exclusion_reason(internal))["reason"].to_list() == ["internal", None]


@pytest.mark.parametrize(
    ("extra", "status"),
    [
        ('{"grpc_status": "14"}', 503),
        ('{"grpc_status_number": 14}', 503),
        ('{"grpc-status": 0}', 200),
        ('{"sent_trailer_grpc_status":"4"}', 504),
        ('{"grpc_status": "Unavailable"}', 503),
        ('{"grpc_status": "DEADLINE_EXCEEDED"}', 504),
        ('{"grpc_status": "-"}', 200),
        (None, 200),
    ],
)
def test_a_grpc_status_counts_as_what_it_means(make_requests: Make, extra: str | None, status: int) -> None:
    assert make_requests({"extra": extra}).select(meant_status())["status"].to_list() == [status]


def test_only_an_answer_that_looks_like_a_success_hides_what_it_means(make_requests: Make) -> None:
    refused = make_requests({"status": 404, "extra": '{"grpc_status": "13"}'})
    assert refused.select(meant_status())["status"].to_list() == [404]


def test_every_grpc_code_has_its_http_status() -> None:
    assert sorted(code for code, _ in GRPC_STATUS.values()) == list(range(17))


@pytest.mark.parametrize(
    ("row", "errors", "latency", "availability"),
    [
        ({"status": 200, "duration_ms": 10.0}, False, False, False),
        ({"status": 200, "duration_ms": 200.0}, False, False, False),
        ({"status": 200, "duration_ms": 200.1}, False, True, False),
        ({"status": 503, "duration_ms": 10.0}, True, False, True),
        ({"status": 404, "duration_ms": 10.0}, False, False, False),
        ({"status": 499, "duration_ms": 900.0}, False, True, True),
        ({"status": 499, "duration_ms": 50.0}, False, False, False),
        ({"status": 200, "duration_ms": 900.0, "extra": '{"termination_state": "CD--"}'}, False, True, True),
        ({"status": 200, "duration_ms": 900.0, "extra": '{"response_flags": "DC"}'}, False, True, True),
        ({"status": 200, "duration_ms": 900.0, "extra": '{"response_flags": "UF"}'}, False, True, False),
        ({"status": None, "duration_ms": 900.0}, False, True, True),
        ({"status": 500, "duration_ms": None}, True, None, True),
    ],
)
def test_when_a_request_is_bad(
    make_requests: Make, row: dict[str, Any], errors: bool, latency: bool | None, availability: bool
) -> None:
    slos = [Slo("errors", 0.999), Slo("latency", 0.95), Slo("availability", 0.999)]
    verdicts = [make_requests(row).select(is_bad(slo))["bad"][0] for slo in slos]
    assert verdicts == [errors, latency, availability]


@pytest.mark.parametrize(
    ("waited_s", "duration_ms", "given_up"),
    [(5, None, True), (0.1, None, False), (5, 20.0, False), (0, None, False)],
)
def test_how_long_a_client_waited_stands_between_the_times_where_nothing_else_tells(
    make_requests: Make, waited_s: float, duration_ms: float | None, given_up: bool
) -> None:
    requests = make_requests({"at": 0, "status": 460, "duration_ms": duration_ms}).with_columns(
        timestamp=pl.col("start_time") + pl.duration(milliseconds=1_000 * waited_s)
    )
    assert requests.select(is_given_up(200.0)).item() is given_up
    counts = rollup_requests(requests).counts
    assert counts["given_up"].to_list() == counts["slow"].to_list() == [int(given_up)]
    assert counts["timed"].to_list() == [int(bool(waited_s) or duration_ms is not None)]


def test_outside_its_scope_an_slo_says_nothing(make_requests: Make) -> None:
    requests = make_requests({"route": "/a", "status": 500}, {"route": "/b", "status": 500})
    slo = Slo("errors", 0.999, scope={"route": "/a"})
    assert requests.select(is_bad(slo))["bad"].to_list() == [True, None]
