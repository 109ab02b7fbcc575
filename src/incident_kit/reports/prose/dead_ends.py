"""Sentences for when there is no incident, or none of the kind asked for: what comes closest."""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.target_words import missed_throughout
from incident_kit.measure.arrays.histogram import quantile
from incident_kit.measure.indicators.bad_requests import bad_counts, totals
from incident_kit.measure.rollups.latency_quantiles import latency_quantiles
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.reports.prose.chosen import incident_row, windows, worst
from incident_kit.reports.prose.incident_phrases import deeper, endpoint_name, when
from incident_kit.reports.prose.sentences import stretch
from incident_kit.schema import ENDPOINT
from incident_kit.window import Window

NONE = "There is no incident to show this of."
TOO_LITTLE = "There are too few requests to judge any of the targets."
MIN_REQUESTS = 20
"""Least requests of an endpoint for its p95 to say more than its slowest request does."""

NO_DURATIONS = "Nothing can be said about latency, for no request has a duration"


def nothing(found: Diagnosis, tz: str = "UTC", *, closest: bool = True) -> str:
    """Say that there was no incident, over which time, and what there was instead or comes `closest`."""
    window = found.rollup.window
    if window is None:
        return "No incident was found, for there is no valid request to look at."
    other = worst(found)
    if other is not None:
        return _another(found, other, tz)
    none = f"No incident was found from {stretch(window.start, window.end, tz)}."
    if missed := missed_throughout(found.verdicts.to_dicts(), found.targets.latency_quantile):
        return f"{none} {missed}"
    if is_unjudged(found):
        return f"{none} {TOO_LITTLE}"
    q = found.targets.latency_quantile
    ranked = _slowest(found.rollup, q) if closest else None
    if ranked is None:
        return none
    slowest_ms, name = ranked
    said = f"{wording.quantile(q)} of {wording.milliseconds(slowest_ms)}"
    return f"{none} The slowest endpoint is {name}, with a {said}."


def missed_at(found: Diagnosis, *indicators: str) -> str:
    """Return where a target is missed although there is no incident, after a space; empty if nowhere."""
    ids = [f"missed-{indicator}" for indicator in indicators]
    claims = found.findings.filter(pl.col("id").is_in(ids))["claim"]
    return "".join(f" {claim}" for claim in claims)


def is_unjudged(found: Diagnosis) -> bool:
    """Return whether there were too few requests to judge any target."""
    return not found.verdicts["verdict"].is_in(["met", "breached"]).any()


def instead(found: Diagnosis, incident: int | None, otherwise: str, none: str = NONE) -> str:
    """Say why a part of a notebook is empty: the incident is of another kind, or there is none (`none`).

    `otherwise` is said if an incident is shown but has nothing for that part.
    """
    if incident is not None:
        return otherwise
    other = worst(found)
    if other is None:
        return none
    row = incident_row(found, other)
    there = f"for the {_kind(row)}, see {deeper(row)[0]}."
    if _is_untimed(found, row):
        return f"{NO_DURATIONS}; {there}"
    return f"There is no incident of {_missing(row)} alone here; {there}"


def _another(found: Diagnosis, number: int, tz: str) -> str:
    """Say that the incident is of another kind, and how the indicator asked for did meanwhile."""
    row = incident_row(found, number)
    during, before = windows(found, number)
    meanwhile = _failed if row["indicator"] == "latency" else _slow
    there = f"the {_kind(row)} {when(row, tz)} stands on its own page, {deeper(row)[0]}"
    none = NO_DURATIONS if _is_untimed(found, row) else f"No incident of {_missing(row)} alone"
    return f"{none}; {there}.{meanwhile(found, before, during)}"


def _is_untimed(found: Diagnosis, other: dict[str, Any]) -> bool:
    """Return whether latency was asked for, the incident is of another kind, and no duration is known."""
    return other["indicator"] != "latency" and found.rollup.latency.is_empty()


def _missing(row: dict[str, Any]) -> str:
    """Return what was asked for, given that the incident is of the other kind."""
    return "errors" if row["indicator"] == "latency" else "slowness"


def _kind(row: dict[str, Any]) -> str:
    return wording.KINDS[row["kind"]]


def _slow(found: Diagnosis, before: Window, during: Window) -> str:
    """Say how slow requests were in an incident of another kind; nothing if no duration is known."""
    q, latency = found.targets.latency_quantile, found.rollup.latency
    counts = [
        latency.filter(window.covers("time")).group_by("bucket").agg(pl.col("requests").sum())
        for window in (before, during)
    ]
    if any(side.is_empty() for side in counts):
        return ""
    sides = [(side["bucket"].to_numpy(), side["requests"].to_numpy()) for side in counts]
    was, became = (wording.milliseconds(quantile(*side, q)) for side in sides)
    return f" The {wording.quantile(q)} of all requests went from {was} before it to {became} in it."


def _failed(found: Diagnosis, before: Window, during: Window) -> str:
    """Say how many requests failed in an incident of another kind."""
    counts = bad_counts(found.rollup, found.targets.errors, by=())
    sides = [totals(counts.filter(window.covers("time"))) for window in (before, during)]
    if not all(requests for requests, _ in sides):
        return ""
    was, became = (wording.rate(bad / requests) for requests, bad in sides)
    return f" In it {became} of the requests failed, before it {was}."


def _slowest(rollup: Rollup, q: float) -> tuple[float, str] | None:
    """Return the highest latency quantile of an endpoint over all data in ms, and that endpoint."""
    ranked = latency_quantiles(rollup.latency, ENDPOINT, {"ms": q}).filter(pl.col("requests") >= MIN_REQUESTS)
    return max(((row["ms"], endpoint_name(row)) for row in ranked.to_dicts()), default=None)
