"""Phrases about an incident that several sentences share: when it was, what it cost, where to read on."""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.reports.prose.sentences import moment, stretch

DEEPER = {
    "latency": ("latency_regression", "which requests became slow, and what their time went to"),
    "errors": ("error_spike", "which requests fail, with which status, and where the failures start"),
}
"""The notebook that goes deeper, by the indicator that an incident broke; outages are among the errors."""


def deeper(row: dict[str, Any]) -> tuple[str, str]:
    """Return the notebook that goes deeper into an incident, and what it shows."""
    return DEEPER.get(row["indicator"], DEEPER["errors"])


def begun(row: dict[str, Any], tz: str = "UTC") -> str:
    """Return when an incident began, or that it was under way when the data begin."""
    earlier = wording.EARLIER if row["began_before"] else ""
    return f"{moment(row['start'], tz)}{earlier}"


def when(row: dict[str, Any], tz: str = "UTC") -> str:
    """Return when an incident began, when it ended and after how long, if it ended."""
    if row["end"] is None:
        return f"since {begun(row, tz)}, not over when the data end"
    lasted = stretch(row["start"], row["end"], tz)
    joined = f"{lasted[:-1]}; " if lasted.endswith(")") else f"{lasted} ("
    return f"from {joined}{length(row)})"


def length(row: dict[str, Any]) -> str:
    """Return the duration of an ended incident; a lower bound if it was under way when the data begin."""
    at_least = "at least " if row["began_before"] else ""
    return at_least + wording.duration_words((row["end"] - row["start"]).total_seconds())


def others(found: Diagnosis) -> str:
    """Return a phrase for how many other incidents there are; empty if there are none."""
    more = found.incidents.height - 1
    were = "was" if more == 1 else "were"
    return f"{wording.count(more, 'other incident')} {were} found" if more > 0 else ""


def lost(row: dict[str, Any]) -> str:
    """Return how many requests an incident made bad or kept from arriving."""
    if row["kind"] == "outage":
        return f"{wording.count(row['bad'], 'request')} {wording.NEVER_ARRIVED}"
    return wording.count(row["bad"], "bad request")


def unharmed(row: dict[str, Any], tz: str = "UTC") -> str:
    """Say that a given window is no incident if no request in it was surely worse."""
    size = f"{lost(row)}, {row['excess']:,.0f} more than expected"
    return f"No request was surely worse {when(row, tz)}: {size}."


def endpoint_name(row: dict[str, Any]) -> str:
    """Return an endpoint as `GET /x/{id}`."""
    return wording.endpoint(row["method"], row["route"])
