"""How much of an error budget is spent, how fast it burns, and which alerts would have fired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from incident_kit.measure.indicators.bad_minutes import bad_minutes
from incident_kit.measure.indicators.error_budget import WORKBOOK, backtest, budget_spent, burn_rates
from incident_kit.slo import Slo

START = datetime(2026, 1, 5, tzinfo=UTC)
SLO = Slo("errors", 0.999)


def counts(minutes: int, bad: dict[range, int], requests: int = 100) -> pl.DataFrame:
    """Return a row a minute, `bad` of 100 requests in the given minutes, none elsewhere."""
    failed = [next((count for when, count in bad.items() if minute in when), 0) for minute in range(minutes)]
    times = [START + timedelta(minutes=minute) for minute in range(minutes)]
    return pl.DataFrame({"time": times, "requests": [requests] * minutes, "bad": failed}).cast(
        {"time": pl.Datetime("us", "UTC"), "requests": pl.Int64, "bad": pl.Int64}
    )


@pytest.mark.parametrize(("bad", "minutes"), [(2, 0), (3, 1)])
def test_a_bad_minute_has_three_bad_requests_at_least(bad: int, minutes: int) -> None:
    assert bad_minutes(counts(10, {range(1): bad}, requests=5), SLO) == minutes


def test_the_budget_is_spent_by_the_bad_requests_it_allows() -> None:
    spent = budget_spent(counts(1440, {range(100): 1}), SLO, 86_400)
    assert spent["allowed"] == pytest.approx(144)
    assert spent["burn"] == pytest.approx(100 / 144)
    assert spent["spent"] == pytest.approx(100 / 144 / 30)


def test_what_a_single_bucket_spends_is_told_by_its_length() -> None:
    minute = counts(1, {range(1): 50})
    assert budget_spent(minute, SLO, 60)["spent"] == pytest.approx(500 / (30 * 1440))


def test_a_burn_rate_looks_back_over_its_window() -> None:
    burns = burn_rates(counts(120, {range(60, 120): 2}), SLO, 3600)
    assert burns["burn"][59] == 0
    assert burns["burn"][89] == pytest.approx(10)
    assert burns["burn"][119] == pytest.approx(20)


def test_an_outage_pages_within_minutes_and_stops_soon_after_it_ends() -> None:
    fired = backtest(counts(600, {range(300, 330): 50}), SLO)
    page = fired.filter(pl.col("alert") == WORKBOOK[0].name).row(0, named=True)
    assert page["start"] == START + timedelta(minutes=302)
    assert START + timedelta(minutes=330) < page["end"] <= START + timedelta(minutes=335)


def test_a_slow_burn_makes_a_ticket_and_no_page() -> None:
    # Four errors in a thousand requests burn four times too fast.
    fired = backtest(counts(3000, {range(500, 3000): 4}, requests=1000), SLO)
    assert set(fired["severity"]) == {"ticket"}


def test_a_log_longer_than_the_period_spends_no_more_than_the_period_has() -> None:
    two_periods = budget_spent(counts(60, {range(60): 1}), SLO, 60 * 86_400)
    assert two_periods["spent"] == pytest.approx(two_periods["burn"])


@pytest.mark.parametrize("minute", [5, 300])
def test_a_single_error_on_a_quiet_service_fires_nothing(minute: int) -> None:
    assert backtest(counts(600, {range(minute, minute + 1): 1}, requests=10), SLO).is_empty()


def test_no_requests_spend_nothing() -> None:
    nothing = counts(0, {})
    assert budget_spent(nothing, SLO, 0)["spent"] == 0
    assert backtest(nothing, SLO).is_empty()
