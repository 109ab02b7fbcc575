"""Who an incident hit: groups of clients, with their usual rates beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.measure.rollups.tables import OTHER
from incident_kit.reports.prose.chosen import is_outage, windows
from incident_kit.reports.prose.sentences import stretch

NETWORK = "client_network"
NEVER_SEEN = "Requests that never arrived name no clients."

MAX_AFFECTED = 8  # groups of clients shown; only the hardest hit are of interest
MIN_REQUESTS = 20  # requests of a group during the incident; a rate of fewer is noise


def hardest_hit(found: Diagnosis, incident: int | None) -> pl.DataFrame:
    """Return the client networks that an incident hit hardest, compared with the baseline.

    Columns: client_network, requests, bad, during_rate, before_rate (shares of the network's requests).
    """
    if incident is None or is_outage(found, incident):
        return pl.DataFrame()
    rows = _by_network(found, incident).filter(pl.col("requests") >= MIN_REQUESTS)
    hardest = rows.sort("bad", NETWORK, descending=[True, False]).head(MAX_AFFECTED)
    return hardest.clear() if hardest[NETWORK].to_list() == [OTHER] else hardest


def none_apart(found: Diagnosis, incident: int | None) -> str:
    """Say why `hardest_hit` has no rows: no client is named, or each group is too small to judge."""
    if incident is not None and is_outage(found, incident):
        return NEVER_SEEN
    networks = [] if incident is None else networks_hit(found, incident)
    if not networks:
        return "The data name no clients that were hit."
    return (
        f"No client network made {MIN_REQUESTS} requests in that time, so none can be told from the "
        f"others; bad ones came to {networks[0][1]}."
    )


def counted_when(found: Diagnosis, incident: int | None, tz: str = "UTC") -> str:
    """Say which stretch `hardest_hit` counts, since attributes are kept in wider buckets of time."""
    if incident is None:
        return ""
    during, _ = windows(found, incident)
    times = found.rollup.attributes.filter(during.covers("time"))["time"]
    if times.is_empty():
        return ""
    width = timedelta(seconds=found.rollup.meta.coarse_bucket_s)
    counted = stretch(times.min(), times.max() + width, tz)  # type: ignore[arg-type, operator]
    buckets = wording.duration_words(width.total_seconds())
    return f"Counted in whole buckets of {buckets}, {counted}; the incident's own edges are finer"


def networks_hit(found: Diagnosis, incident: int) -> list[tuple[str, str]]:
    """Return how many client networks had bad requests, as a row of what and value; none if unknown."""
    rows = _by_network(found, incident)
    apart = rows.filter(pl.col(NETWORK) != OTHER)
    hit = f"{apart.filter(pl.col('bad') > 0).height:,} of {apart.height:,}"
    some = "" if apart.height == rows.height else " that are counted apart"
    return [("client networks hit", f"{hit}{some}")] if apart.height else []


def _by_network(found: Diagnosis, incident: int) -> pl.DataFrame:
    during, before = windows(found, incident)
    column = "slow" if found.incidents["indicator"][incident] == "latency" else "errors"
    chosen = found.rollup.attributes.filter(attribute=NETWORK)
    counts = [_rates(chosen.filter(window.covers("time")), column) for window in (during, before)]
    joined = counts[0].join(counts[1], on="value", how="left", suffix="_before")
    columns: dict[str, Any] = {NETWORK: "value", "requests": "requests", "bad": "bad"}
    return joined.select(**columns, during_rate="rate", before_rate=pl.col("rate_before").fill_null(0.0))


def _rates(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    counted = rows.group_by("value").agg(pl.col("requests").sum(), bad=pl.col(column).sum())
    return counted.with_columns(rate=pl.col("bad") / pl.col("requests"))
