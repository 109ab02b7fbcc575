"""Calls that fail while no request does are said; those of an incident, or of every day, are not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.beside_incidents.hidden_failures import find_hidden_failures
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.calls.calls import calls
from incident_kit.schema import SPANS, conform, empty
from incident_kit.slo import Targets
from incident_kit.window import Window

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def made(share: float, usual: float = 0.002, status: int = 503) -> pl.DataFrame:
    """Return ten minutes of calls from shop to payments; for three of them that share fails."""
    draw = np.random.default_rng(1)
    at = np.sort(draw.uniform(0, 600, 6000))
    fails = draw.uniform(size=6000) < np.where((at >= 300) & (at < 480), share, usual)
    frame = pl.DataFrame(
        {
            "trace_id": [f"{n:032x}" for n in range(6000)],
            "span_id": [f"{n:016x}" for n in range(6000)],
            "service": "shop",
            "peer": "payments",
            "name": "POST",
            "kind": "client",
            "start": [START + timedelta(seconds=float(second)) for second in at],
            "duration_ms": 20.0,
            "status": np.where(fails, "error", "unset"),
            "http_status": np.where(fails, status, 200),
        }
    )
    return conform(frame, SPANS)


def test_calls_that_fail_unseen_are_said_with_who_and_when() -> None:
    (finding,) = find_hidden_failures(calls(made(0.4)), Targets(), [])
    assert finding.claim == "payments failed shop, though the requests hardly show it."
    assert "between 2026-01-05 08:05:0" in finding.evidence
    assert " and 2026-01-05 08:08:0" in finding.evidence


def test_a_call_without_a_start_failed_at_no_time() -> None:
    unstarted = pl.when(pl.int_range(pl.len()) % 50 == 0).then(None).otherwise("start").alias("start")
    (finding,) = find_hidden_failures(calls(made(0.4).with_columns(unstarted)), Targets(), [])
    assert finding.claim == "payments failed shop, though the requests hardly show it."


@pytest.mark.parametrize(("share", "unlogged"), [(0.4, True), (0.05, False)])
def test_what_only_the_log_hides_is_said_to_be_hidden_by_it(share: float, unlogged: bool) -> None:
    failed = made(share).filter(pl.col("http_status") >= 500).select(start_time="start")
    (finding,) = find_hidden_failures(calls(made(0.4)), Targets(), [], failed)
    assert ("by their status all went well" in finding.claim) is unlogged
    assert ("retries or fallbacks" in finding.evidence) is not unlogged


@pytest.mark.parametrize(
    "spans",
    [made(0.002), made(0.05), made(0.4, usual=0.4), made(0.4, status=404), empty(SPANS)],
    ids=["healthy", "fewer than one in ten", "all the time", "wrong questions", "no spans"],
)
def test_what_is_usual_or_little_is_not(spans: pl.DataFrame) -> None:
    assert find_hidden_failures(calls(spans), Targets(), []) == []


def test_what_an_incident_shows_is_not_hidden() -> None:
    window = Window(START + timedelta(seconds=310), START + timedelta(seconds=470))
    seen = Incident("errors", Targets().errors, window.start, window.end, Window(START, window.start))
    assert find_hidden_failures(calls(made(0.4)), Targets(), [seen]) == []


def test_the_healthy_sample_hides_nothing(samples) -> None:
    spans = ik.read_traces(samples / "healthy" / "traces.jsonl.gz").spans
    assert find_hidden_failures(calls(spans), Targets(), []) == []


@pytest.mark.parametrize("root_fails", [True, False], ids=["GraphQL", "a fallback"])
def test_a_request_that_failed_by_its_span_did_so_whatever_its_status_says(root_fails: bool) -> None:
    called = made(0.4).with_columns(parent_span_id="r" + pl.col("span_id"))
    answered = pl.col("status") if root_fails else pl.lit("unset")
    asked = called.select(
        "trace_id", "start", span_id="parent_span_id", service=pl.lit("shop"), name=pl.lit("POST /graphql"),
        kind=pl.lit("server"), duration_ms=pl.lit(25.0), status=answered, http_status=pl.lit(200, pl.Int16),
    )  # fmt: skip
    spans = pl.concat([called, conform(asked, SPANS)])
    log = asked.select(
        "trace_id", "duration_ms", start_time="start", method=pl.lit("POST"), status="http_status"
    )
    found = ik.diagnose(log.with_columns(pl.col("start_time").cast(pl.Datetime("us", "UTC"))), spans)
    assert found.incidents.is_empty()
    (finding,) = found.findings.filter(id="hidden-failures").iter_rows(named=True)
    assert ("by their status all went well" in finding["claim"]) is root_fails
