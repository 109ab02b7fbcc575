"""Failures that no target counts: redirects in place of answers, and answers with next to nothing in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.beside_incidents.silent_failures import find_silent_failures
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
LATE = pl.col("start_time") >= START + timedelta(minutes=40)
ACCOUNT = pl.col("route") == "/account"


def log(clients: str = "198.51.{}.7", **changed: pl.Expr) -> pl.DataFrame:
    """Return an hour of two endpoints, 1,800 requests each, with columns changed."""
    number = np.arange(3600)
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=int(second)) for second in number],
            "method": "GET",
            "route": np.where(number % 2 == 0, "/account", "/items"),
            "status": np.where(number % 40 == 0, 302, 200),
            "duration_ms": 12.0,
            "bytes_sent": np.where(number % 30 == 0, 2, 4_000 + number % 77),
            "client_ip": [clients.format(n % 50) for n in number],
        }
    )
    return conform(frame.with_columns(**changed), REQUESTS)


def found(requests: pl.DataFrame, *, rolled_up: bool = False) -> dict[str, Finding]:
    findings = find_silent_failures(None if rolled_up else requests, rollup_requests(requests))
    return {finding.id: finding for finding in findings}


@pytest.mark.parametrize("rolled_up", [False, True], ids=["requests", "rollup"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_endpoint_that_redirects_what_it_usually_answers_is_said(status: int, rolled_up: bool) -> None:
    redirected = log(status=pl.when(LATE & ACCOUNT).then(status).otherwise("status"))
    (finding,) = found(redirected, rolled_up=rolled_up).values()
    assert finding.id == "redirected"
    assert finding.claim == "GET /account redirects what it usually answers: 600 answers."
    assert "between 2026-01-05 08:40:00 UTC and 2026-01-05 09:00:00 UTC, usually 5.33 %" in finding.evidence


def test_redirects_that_multiply_the_requests_may_lead_in_a_circle() -> None:
    redirected = log(status=pl.when(LATE & ACCOUNT).then(302).otherwise("status"))
    circle = pl.concat([redirected, *[redirected.filter(LATE & ACCOUNT)] * 4])
    assert "5 times as many came as usual" in found(circle)["redirected"].evidence


def test_answers_that_lose_their_content_are_said() -> None:
    hollow = log(bytes_sent=pl.when(LATE & ACCOUNT).then(2).otherwise("bytes_sent"))
    (finding,) = found(hollow).values()
    assert finding.id == "hollow-answers"
    assert "GET /account answers with next to nothing: 570 answers of status 200" in finding.claim


def test_redirects_show_in_a_log_without_methods_too() -> None:
    redirected = log(
        method=pl.lit(None, pl.String), status=pl.when(LATE & ACCOUNT).then(302).otherwise("status")
    )
    assert found(redirected)["redirected"].claim.startswith("/account redirects")


@pytest.mark.parametrize(
    "requests",
    [
        log(),
        log(status=pl.when(ACCOUNT).then(302).otherwise("status")),
        log(bytes_sent=pl.lit(2)),
        log(bytes_sent=pl.lit(None, dtype=pl.Int64)),
        log(bytes_sent=pl.when(LATE).then(4_000 // 3).otherwise("bytes_sent")),
        log(
            status=pl.when(LATE & ACCOUNT).then(404).otherwise("status"),
            bytes_sent=pl.when(LATE & ACCOUNT).then(0).otherwise("bytes_sent"),
        ),
        log("203.0.113.{}", status=pl.when(LATE & ACCOUNT).then(302).otherwise("status")).vstack(
            log("198.51.{}.7", route=pl.lit("/other")).vstack(log("192.0.{}.7", route=pl.lit("/third")))
        ),
    ],
    ids=[
        "as usual",
        "always redirected",
        "always small",
        "no sizes",
        "a third of the size",
        "refused, which is said elsewhere",
        "one network of many",
    ],
)
def test_other_answers_are_no_silent_failure(requests: pl.DataFrame) -> None:
    assert found(requests) == {}


def test_behind_a_proxy_all_clients_look_alike_and_tell_nothing() -> None:
    redirected = log("10.0.0.1", status=pl.when(LATE & ACCOUNT).then(302).otherwise("status"))
    assert "redirected" in found(redirected)


def test_a_diagnosis_says_so_though_it_finds_no_incident() -> None:
    diagnosis = ik.diagnose(log(status=pl.when(LATE & ACCOUNT).then(302).otherwise("status")))
    assert diagnosis.incidents.is_empty()
    assert diagnosis.findings["id"].to_list() == ["redirected"]
