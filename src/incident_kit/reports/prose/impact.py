"""What an incident cost: requests, minutes, budget."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.indicators.error_budget import WORKBOOK, backtest, budget_spent
from incident_kit.reports.prose.affected import networks_hit
from incident_kit.reports.prose.chosen import broken_slo, incident_row, is_outage, windows
from incident_kit.reports.prose.sentences import Sentences, moment

NO_REQUEST_IS_BAD = (
    "Burn-rate alerts count bad requests, and those of an outage never arrive: an alert on missing traffic, "
    "or a probe from outside, is what tells of one."
)

NO_COST = "There is no incident to count the cost of; the targets tell what was bad all the same."
NO_INCIDENT = (
    "Alerts are judged for an incident, and there is none here; `incident-kit alerts --backtest` tries them "
    "on the whole log."
)
REACHES_BACK = (
    "Windows that reach back before the first request are judged by the requests there are: after good "
    "hours, these alerts would have come later, or not at all."
)


def bad_over_time(found: Diagnosis, incident: int) -> pl.DataFrame:
    """Return [time, requests, bad] during an incident for the SLO that it broke."""
    during, _ = windows(found, incident)
    return bad_counts(found.rollup, broken_slo(found, incident), by=()).filter(during.covers("time"))


def spent(found: Diagnosis, incident: int) -> dict[str, float]:
    """Return how much of the budget an incident spent (see `budget_spent`); missing requests count as bad."""
    counts = bad_over_time(found, incident)
    during, _ = windows(found, incident)
    if is_outage(found, incident):
        missing = found.incidents["bad"][incident]
        expected = counts["requests"].sum() + missing
        whole = {"time": [during.start], "requests": [expected], "bad": [missing]}
        counts = pl.DataFrame(whole, schema=counts.schema)
    return budget_spent(counts, broken_slo(found, incident), during.seconds)


def impact(found: Diagnosis, incident: int | None) -> pl.DataFrame:
    """Return what an incident cost, one row a measure: what, value; both text."""
    rows: list[tuple[str, str]] = []
    if incident is not None:
        row = incident_row(found, incident)
        during, _ = windows(found, incident)
        budget = spent(found, incident)
        rows = [
            ("kind", wording.KINDS[row["kind"]]),
            ("length", _length(row, during.seconds)),
            *_requests(found, incident, budget),
            ("burn rate of the error budget", f"{_multiple(budget['burn'])} (at 1 it lasts its 30 days)"),
            ("part of a 30-day budget gone", wording.rate(budget["spent"])),
            *_bad_minutes(found),
            *([] if is_outage(found, incident) else networks_hit(found, incident)),
        ]
    return pl.DataFrame(rows, schema={"what": pl.String, "value": pl.String}, orient="row")


def fired(found: Diagnosis, incident: int) -> pl.DataFrame:
    """Return when each burn-rate alert of the SRE workbook would first have fired in an incident."""
    slo = broken_slo(found, incident)
    during, _ = windows(found, incident)
    whole = backtest(bad_counts(found.rollup, slo, by=()), slo)
    within = whole.filter(pl.col("end") >= during.start, pl.col("start") < during.end)
    return within.sort("start", "alert").unique(["severity", "alert"], keep="first", maintain_order=True)


def alerts(found: Diagnosis, incident: int | None, tz: str = "UTC") -> Sentences:
    """Say when the burn-rate alerts of the SRE workbook would have fired."""
    if incident is None:
        return Sentences((NO_INCIDENT,))
    if is_outage(found, incident):
        return Sentences((NO_REQUEST_IS_BAD,))
    onset = found.incidents["start"][incident]
    came = fired(found, incident)
    lines = [_alert(row, onset, tz) for row in came.iter_rows(named=True)]
    lines += [REACHES_BACK] if reach_back(came, found.rollup.meta.first) else []
    return Sentences(tuple(lines) or ("None of the workbook's burn-rate alerts would have fired.",))


def reach_back(fired: pl.DataFrame, first: datetime | None) -> bool:
    """Return whether an alert that fired has a longer window than the data before it."""
    spans = {alert.name: timedelta(seconds=alert.long_s) for alert in WORKBOOK}
    looked = [start - spans[name] for name, start in fired.select("alert", "start").iter_rows()]
    return first is not None and any(since < first for since in looked)


def _alert(row: dict[str, Any], onset: datetime, tz: str) -> str:
    after = wording.duration_words(max(0.0, (row["start"] - onset).total_seconds()))
    came = moment(row["start"], tz)
    return f"A {row['severity']} ({row['alert']}) would have come at {came}, {after} after the onset."


def _length(row: dict[str, Any], seconds: float) -> str:
    at_least, so_far = ("at least " * row["began_before"], " so far" * (row["end"] is None))
    return f"{at_least}{wording.duration_words(seconds)}{so_far}"


def _requests(found: Diagnosis, incident: int, budget: dict[str, float]) -> list[tuple[str, str]]:
    row = incident_row(found, incident)
    bad = f"{row['bad']:,} ({wording.rate(_rate(budget))})"
    if is_outage(found, incident):
        return [
            ("requests to be expected", f"{budget['requests']:,.0f}"),
            ("requests that never arrived", bad),
        ]
    return [
        ("requests in that time", f"{budget['requests']:,.0f}"),
        ("bad requests", bad),
        ("more than expected", f"{row['excess']:,.0f}"),
    ]


def _multiple(burn: float) -> str:
    """Return a multiple of the allowed rate with three digits, or all digits of a whole number."""
    return f"{burn:,.0f}" if burn >= 100 else f"{burn:.3g}"


def _rate(budget: dict[str, float]) -> float:
    return budget["bad"] / budget["requests"] if budget["requests"] else 0.0


def _bad_minutes(found: Diagnosis) -> list[tuple[str, str]]:
    minutes = found.verdicts.filter(target="bad_minutes")["value"].drop_nulls()
    return [("unavailable minutes, in all of the data", f"{value:.3g}") for value in minutes]
