"""Small tables that compare an incident with what was normal before it."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.error_messages import error_messages
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.prose.chosen import windows
from incident_kit.schema import ENDPOINT

MAX_ENDPOINTS = 3  # endpoints whose statuses are shown; the table of shares has the others


def of_incident(frame: pl.DataFrame, incident: int | None) -> pl.DataFrame:
    """Return one incident's rows of a diagnosis's table, without the number; none if there is no incident."""
    rows = frame.clear() if incident is None else frame.filter(incident=incident)
    return rows.drop("incident")


def statuses(found: Diagnosis, incident: int | None) -> pl.DataFrame:
    """Return how often each status was answered during and before, for the endpoints that explain most.

    Columns: method, route, status, requests, during_rate, before_rate (shares of the endpoint's requests).
    """
    if incident is None:
        return pl.DataFrame()
    during, before = windows(found, incident)
    top = found.endpoints.filter(pl.col("incident") == incident, pl.col("share") > 0).head(MAX_ENDPOINTS)
    # A log without methods has none in the rollup, and an empty one in the names of endpoints.
    keys = top.select(pl.col("method").replace("", None), "route")
    counts = found.rollup.counts.join(keys, on=ENDPOINT, how="semi", nulls_equal=True)
    now, then = (_rates(counts.filter(window.covers("time"))) for window in (during, before))
    return (
        now.join(then, on=[*ENDPOINT, "status"], how="left", suffix="_before", nulls_equal=True)
        .select(
            *ENDPOINT,
            "status",
            "requests",
            pl.col("rate").alias("during_rate"),
            pl.col("rate_before").fill_null(0.0).alias("before_rate"),
        )
        .sort(*ENDPOINT, "requests", descending=[False, False, True])
    )


def messages(found: Diagnosis, incident: int | None, data: Evidence) -> pl.DataFrame:
    """Return what the failed requests of an incident say of their failure, as `error_messages` counts it.

    Columns: message, means, service, callee, requests, share, before. A rollup knows no messages.
    """
    if incident is None:
        return pl.DataFrame()
    during, before = windows(found, incident)
    requests = data.requests if isinstance(data.requests, pl.DataFrame) else None
    counted = error_messages(requests, data.spans, incident=during, baseline=before)
    return counted.select("message", "means", "service", "callee", "requests", "share", "before")


def _rates(counts: pl.DataFrame) -> pl.DataFrame:
    return (
        counts.group_by(*ENDPOINT, "status")
        .agg(pl.col("requests").sum())
        .with_columns(rate=pl.col("requests") / pl.col("requests").sum().over(ENDPOINT))
    )
