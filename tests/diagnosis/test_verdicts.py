"""Each target is met or breached where the data tell, and not enough data where they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.target_words import in_words
from incident_kit.diagnosis.verdicts import verdicts
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import REQUESTS, conform, empty
from incident_kit.slo import Targets
from incident_kit.window import Window

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def log(requests: int, errors: int = 0, slow: int = 0, *, seconds: float = 600, timed: bool = True) -> Rollup:
    """Return requests spread evenly over the time, the bad ones evenly among them."""
    bad = {round((k + 0.5) * requests / errors) for k in range(errors)} if errors else set()
    late = {round((k + 0.5) * requests / slow) for k in range(slow)} if slow else set()
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=k * seconds / requests) for k in range(requests)],
            "method": ["GET"] * requests,
            "route": ["/a"] * requests,
            "status": [500 if k in bad else 200 for k in range(requests)],
            "duration_ms": [(900.0 if k in late else 20.0) if timed else None for k in range(requests)],
        },
        schema_overrides={"duration_ms": pl.Float64},
    )
    return rollup_requests(conform(frame, REQUESTS))


def verdict(rollup: Rollup, target: str, incidents: list[Incident] | None = None) -> dict[str, object]:
    return verdicts(rollup, Targets(), incidents or []).filter(pl.col("target") == target).row(0, named=True)


@pytest.mark.parametrize(
    ("rollup", "says"),
    [
        (log(10_000), "met"),
        (log(1_000), "not enough data"),
        (log(10_000, errors=10), "not enough data"),
        (log(10_000, errors=40), "breached"),
        (log(100, errors=1), "breached"),
        (log(20, errors=0), "not enough data"),
    ],
    ids=["none in 10,000", "none in 1,000", "just at it", "four times it", "1 in 100", "none in 20"],
)
def test_an_error_rate_is_judged_by_its_interval(rollup: Rollup, says: str) -> None:
    row = verdict(rollup, "error_rate")
    assert row["verdict"] == says
    assert row["low"] <= row["value"] <= row["high"]


@pytest.mark.parametrize(
    ("slow", "says"), [(0, "met"), (20, "met"), (50, "not enough data"), (90, "breached")]
)
def test_share_and_quantile_of_latency_agree(slow: int, says: str) -> None:
    rollup = log(1_000, slow=slow)
    assert verdict(rollup, "latency")["verdict"] == verdict(rollup, "latency_quantile")["verdict"] == says
    assert verdict(rollup, "latency")["value"] == pytest.approx(1 - slow / 1_000)
    assert verdict(rollup, "latency_quantile")["value"] == pytest.approx(900 if slow > 50 else 20, rel=0.02)


@pytest.mark.parametrize(
    ("slow", "says"), [(0, "not enough data"), (20, "not enough data"), (90, "breached")]
)
def test_durations_in_whole_seconds_cannot_keep_a_target_of_less(slow: int, says: str) -> None:
    frame = pl.DataFrame({"duration_ms": [1000.0] * slow + [0.0] * (1000 - slow)}).with_columns(
        start_time=pl.lit(START) + pl.duration(seconds=pl.int_range(pl.len())), status=200
    )
    rollup = rollup_requests(conform(frame, REQUESTS))
    share, quantile = (verdict(rollup, target) for target in ("latency", "latency_quantile"))
    assert share["verdict"] == quantile["verdict"] == says
    measured = [row["value"] is not None for row in (share, quantile)]
    assert measured == 2 * [says == "breached"]


def test_of_durations_in_whole_seconds_it_is_said_that_they_are_too_coarse() -> None:
    frame = pl.DataFrame({"start_time": [START] * 3, "duration_ms": [0.0, 0.0, 2000.0], "status": [200] * 3})
    assert any("longer than the target of 200 ms" in line for line in str(ik.diagnose(frame)).splitlines())
    assert "longer than the target" not in str(ik.diagnose(frame.with_columns(duration_ms=pl.lit(3.0))))


def test_without_durations_latency_is_not_called_met() -> None:
    rollup = log(1_000, timed=False)
    for target in ("latency", "latency_quantile"):
        row = verdict(rollup, target)
        assert (row["value"], row["verdict"]) == (None, "not enough data")


def test_without_any_status_nothing_is_said_to_have_gone_well() -> None:
    times = pl.DataFrame({"start_time": [START + timedelta(seconds=k) for k in range(10_000)]})
    rollup = rollup_requests(conform(times, REQUESTS))
    for target in ("error_rate", "availability"):
        row = verdict(rollup, target)
        assert (row["value"], row["verdict"]) == (None, "not enough data")


def test_availability_counts_errors_and_what_was_given_up() -> None:
    assert verdict(log(10_000, errors=100), "availability")["verdict"] == "breached"
    assert verdict(log(10_000), "availability")["verdict"] == "met"


@pytest.mark.parametrize(("errors", "minutes"), [(0, 0), (10, 0), (300, 10)])
def test_a_bad_minute_has_three_bad_requests_and_a_rate_that_is_surely_too_high(
    errors: int, minutes: int
) -> None:
    assert verdict(log(10_000, errors=errors), "bad_minutes")["value"] == minutes


def incident(kind: str, minutes: float, *, still_open: bool = False) -> Incident:
    start = START + timedelta(minutes=60)
    end = None if still_open else start + timedelta(minutes=minutes)
    return Incident(kind, Targets().available, start, end, Window(START, start), recovery_s=minutes * 60)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("minutes", "says"), [(3, "not enough data"), (43, "not enough data"), (44, "breached")]
)
def test_minutes_of_an_outage_are_bad_though_no_request_is(minutes: int, says: str) -> None:
    row = verdict(log(10_000), "bad_minutes", [incident("outage", minutes)])
    assert (row["value"], row["verdict"]) == (minutes, says)


@pytest.mark.parametrize(
    ("errors", "missing", "says", "low"),
    [
        (0, 0, "met", 0.99961),
        (0, 2, "met", 0.99927),
        (0, 2_000, "not enough data", 0.827),
        (100, 2_000, "breached", 0.98787),
    ],
)
def test_what_never_arrived_is_not_counted_as_answered(
    errors: int, missing: int, says: str, low: float
) -> None:
    outage = replace(incident("outage", 20), bad=missing)
    row = verdict(log(10_000, errors=errors), "availability", [outage])
    assert row["verdict"] == says
    assert row["low"] == pytest.approx(low, abs=0.0005)
    assert row["value"] == 1 - errors / 10_000


def test_bad_minutes_are_judged_by_the_budget_of_thirty_days() -> None:
    month = log(50_000, seconds=31 * 86_400)
    assert verdict(month, "bad_minutes")["verdict"] == "met"
    # An outage of the first day is older than that.
    assert verdict(month, "bad_minutes", [incident("outage", 60)])["value"] == 0
    # One that began then, and was over ten minutes into the second day, reaches into them.
    reaching = incident("outage", 23 * 60 + 10)
    assert verdict(month, "bad_minutes", [reaching])["value"] == pytest.approx(10, abs=1)
    row = verdict(log(10_000, errors=300), "bad_minutes")
    assert row["objective"] == pytest.approx(43.2)
    # Ten bad minutes are not yet too many, and a log of ten minutes cannot say that no more will come.
    assert (row["value"], row["low"], row["verdict"]) == (10, 10, "not enough data")
    (words,) = in_words([row], 0.95).to_dicts()
    assert words["goal"] == "at most 43 min 12 s in 30 days"
    assert words["measured"] == "10 min so far"
    assert words["between"] == ""


@pytest.mark.parametrize(
    ("incidents", "says"),
    [
        ([incident("errors", 4)], "met"),
        ([incident("errors", 4), incident("errors", 6)], "breached"),
        ([incident("errors", 4, still_open=True)], "not enough data"),
        ([incident("errors", 6, still_open=True)], "breached"),
        ([replace(incident("errors", 4), began_before=True)], "not enough data"),
        ([replace(incident("errors", 4), goes_on=True)], "not enough data"),
    ],
)
def test_recovery_is_judged_by_the_longest_incident(incidents: list[Incident], says: str) -> None:
    assert verdict(log(100), "recovery", incidents)["verdict"] == says


@pytest.mark.parametrize(
    ("one", "measured"),
    [
        (incident("errors", 6), "6 min"),
        (incident("errors", 6, still_open=True), "6 min or more"),
        (replace(incident("errors", 6), began_before=True), "6 min or more"),
    ],
)
def test_a_recovery_of_which_an_end_is_not_seen_took_as_long_or_more(one: Incident, measured: str) -> None:
    (words,) = in_words([verdict(log(100), "recovery", [one])], 0.95).to_dicts()
    assert words["measured"] == measured


def test_where_nothing_happened_there_is_no_recovery_to_judge() -> None:
    assert "recovery" not in verdicts(log(100), Targets())["target"].to_list()


def test_an_empty_log_meets_nothing() -> None:
    table = verdicts(rollup_requests(empty(REQUESTS)), Targets())
    assert set(table["verdict"]) == {"not enough data"}
    assert table.select("low", "high", "verdict").null_count().sum_horizontal()[0] == 0
