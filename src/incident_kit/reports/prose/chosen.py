"""The incident that a notebook describes: which one, its windows of time, its rows in the tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.attributes.explanation import group_apart
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.plot.shares import WORTH_NAMING
from incident_kit.slo import Slo
from incident_kit.window import Window


def worst(found: Diagnosis, indicator: str | None = None) -> int | None:
    """Return the number of the incident that spent most of its error budget; None if there is none.

    With an `indicator` only incidents of `latency`, or with `errors` those in which requests failed, and
    outages if there are no others: requests that never arrived have no status and no cause to look at. A
    failed request weighs more than a slow one, in proportion to how many of each the targets allow.
    """
    rows = found.incidents if indicator is None else _of_indicator(found.incidents, indicator)
    cost = {
        row["incident"]: row["excess"] / broken_slo(found, row["incident"]).budget for row in rows.to_dicts()
    }
    return max(cost, key=lambda number: cost[number]) if cost else None


def _of_indicator(incidents: pl.DataFrame, indicator: str) -> pl.DataFrame:
    is_slow, is_outage = pl.col("indicator") == "latency", pl.col("kind") == "outage"
    if indicator == "latency":
        return incidents.filter(is_slow)
    failed = incidents.filter(~is_slow, ~is_outage)
    return failed if failed.height else incidents.filter(is_outage)


def broken_slo(found: Diagnosis, incident: int) -> Slo:
    """Return the SLO that an incident broke."""
    row = incident_row(found, incident)
    slos = {"latency": found.targets.latency, "errors": found.targets.errors}
    broken = slos.get(row["indicator"], found.targets.available)
    return replace(broken, threshold_ms=row["threshold_ms"])


def nearest(found: Diagnosis, incident: int | None) -> int | None:
    """Return the incident that is shown, else the worst of any kind; None if there is none."""
    return worst(found) if incident is None else incident


def incident_row(found: Diagnosis, number: int) -> dict[str, Any]:
    """Return the row of an incident."""
    return found.incidents.row(number, named=True)


def windows(found: Diagnosis, incident: int) -> tuple[Window, Window]:
    """Return the window of an incident and its baseline; an open window ends with the data."""
    row = incident_row(found, incident)
    last = found.rollup.meta.last or row["start"]
    end = row["end"] or max(last, row["start"]) + timedelta(microseconds=1)
    return Window(row["start"], end), Window(row["baseline_start"], row["baseline_end"])


def rows_of(frame: pl.DataFrame, incident: int | None) -> list[dict[str, Any]]:
    """Return an incident's rows of one of the diagnosis's tables; none if there is no incident."""
    return [] if incident is None else frame.filter(incident=incident).to_dicts()


def is_outage(found: Diagnosis, incident: int | None) -> bool:
    """Return whether requests never arrived, so that the log has no rows for what was bad."""
    return incident is not None and bool(incident_row(found, incident)["kind"] == "outage")


BESIDE = 0.5
"""A further endpoint is named if its share is at least this part of the first one's."""


def is_spread(first: dict[str, Any]) -> bool:
    """Return whether even the first endpoint explains next to nothing, so that none is worth naming."""
    return bool(first["share"] < WORTH_NAMING)


def first_endpoints(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the endpoint that explains most, and those whose intervals overlap with that of its share."""
    first, *others = rows
    return [first, *(row for row in others if row["route"] != wording.UNEXPLAINED and _is_alike(row, first))]


def _is_alike(row: dict[str, Any], first: dict[str, Any]) -> bool:
    return bool(row["high"] >= first["low"] and row["share"] >= BESIDE * first["share"])


def main_endpoint(found: Diagnosis, incident: int | None) -> str | None:
    """Return the whole name of the endpoint that explains most of an incident; None if none stands out."""
    for row in rows_of(found.endpoints, incident)[:1]:
        if row["route"] != wording.UNEXPLAINED and not is_spread(row):
            return " ".join(part for part in (row["method"], row["route"]) if part)
    return None


def group(found: Diagnosis, incident: int | None) -> dict[str, Any] | None:
    """Return the row of what the bad requests have in common, if it tells more than any endpoint."""
    if incident is None or is_outage(found, incident):
        return None
    return group_apart(found.attributes.filter(incident=incident), incident_row(found, incident)["indicator"])
