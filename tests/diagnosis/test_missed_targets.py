"""A log from within an incident has nothing to compare with, and still tells where requests go bad."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.reports.prose import say
from incident_kit.reports.prose.answers import answer

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
NUMBER = pl.col("number")
CHECKOUT = NUMBER % 10 == 0


def all_along(failed: pl.Expr, slow: pl.Expr) -> ik.Diagnosis:
    """Diagnose ten minutes of ten requests a second, of which one in ten is a checkout."""
    requests = pl.DataFrame({"number": range(6_000)}).select(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * NUMBER),
        method=pl.lit("GET"),
        route=pl.when(CHECKOUT).then(pl.lit("/checkout")).otherwise(pl.format("/{}", NUMBER % 5)),
        status=pl.when(failed).then(503).otherwise(200),
        duration_ms=pl.when(slow).then(900.0).otherwise(20.0) + NUMBER % 7,
    )
    return ik.diagnose(requests)


NEVER, ALWAYS = pl.lit(value=False), pl.lit(value=True)


@pytest.mark.parametrize(
    ("failed", "slow", "ids"),
    [
        (CHECKOUT, NEVER, ["missed-errors"]),
        (NEVER, CHECKOUT, ["missed-latency"]),
        (CHECKOUT, CHECKOUT, ["missed-errors", "missed-latency"]),
        (NUMBER % 7 == 0, NEVER, []),  # spread over all endpoints
        (NEVER, NEVER, []),
        (CHECKOUT & NUMBER.is_between(3_000, 4_500), NEVER, []),  # an incident, which says it itself
    ],
    ids=["errors", "latency", "both", "spread", "healthy", "incident"],
)
def test_the_endpoint_at_which_a_target_is_missed_is_named(
    failed: pl.Expr, slow: pl.Expr, ids: list[str]
) -> None:
    found = all_along(failed, slow).findings
    assert found.filter(pl.col("id").str.starts_with("missed-"))["id"].to_list() == ids


def in_two_units(took: pl.Expr, failed: pl.Expr) -> ik.Diagnosis:
    """Diagnose a log whose durations are written in milliseconds, and from half-way on in microseconds."""
    requests = pl.DataFrame({"number": range(12_000)}).select(
        start_time=pl.lit(START) + pl.duration(milliseconds=500 * NUMBER),
        method=pl.lit("GET"),
        route=pl.when(NUMBER % 10 < 3).then(pl.lit("/checkout")).otherwise(pl.format("/{}", NUMBER % 5)),
        status=pl.when(failed).then(503).otherwise(200),
        duration_ms=pl.when(NUMBER > 6_000).then(took * 1000).otherwise(took),
    )
    found = ik.diagnose(requests)
    assert "latency is not judged" in str(found)
    return found


def test_no_endpoint_is_slow_where_durations_have_two_units() -> None:
    found = in_two_units(pl.when(NUMBER % 10 < 3).then(900.0).otherwise(0.02) + NUMBER % 7 / 1000, NEVER)
    assert found.findings.filter(id="missed-latency").is_empty()


def test_no_quantile_has_moved_where_durations_have_two_units() -> None:
    found = in_two_units(20.0 + NUMBER % 7, NUMBER.is_between(5_900, 7_000) & (NUMBER % 4 == 0))
    assert found.incidents["kind"].to_list() == ["errors"]
    assert "moved from" not in str(found)


def test_it_is_said_wherever_somebody_looks() -> None:
    found = all_along(CHECKOUT, NEVER)
    claim = "GET /checkout has 100 % of all failed requests: 100 % of its own failed."
    assert found.incidents.is_empty()
    assert claim in str(found)
    assert claim in answer("triage", found)
    assert claim in answer("error_spike", found)
    assert claim not in answer("latency_regression", found)
    assert repr(say.endpoint(found, None)) == claim
