"""What the traces do not show of an incident that the log shows: nobody in them is its cause."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.causes.endpoint_keys import endpoint_key
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup

MOSTLY = 0.8
"""Four fifths of what went bad outside the traces leave no cause within them."""

CONCERNED = 0.1
"""An endpoint with a smaller share of the bad requests is not what the incident is about."""

LEAST_TRACES = 20
"""Of fewer traces the mean may be that of one of them."""

LEAST_BAD = 10
"""Traces that would be bad if they went as the log's requests: of ten hardly ever eight go well by chance."""


class Unseen(NamedTuple):
    """What speaks against any cause that the traces name, and what proves that they do not show the incident.

    Only the traces of the very requests that went bad prove it, or that they have none: of others of the same
    endpoints, clocks that are apart, or a sampler, would make it look alike.
    """

    objection: str
    proof: str | None = None


def concerned_endpoints(rollup: Rollup, incident: Incident) -> pl.DataFrame:
    """Return [key, requests, bad, usual_share] of the endpoints of most bad requests, by `endpoint_key`."""
    counts = bad_counts(rollup, incident.slo)
    now, usual = (
        counts.filter(window.covers("time"))
        .group_by(key=endpoint_key())
        .agg(pl.col("requests", "bad").sum())
        .drop_nulls("key")
        for window in (incident.during(rollup.meta.last), incident.baseline)
    )
    concerned = now.filter(pl.col("bad") > 0, pl.col("bad") >= CONCERNED * pl.col("bad").sum())
    share = usual.select("key", usual_share=pl.col("bad") / pl.col("requests"))
    return concerned.join(share, on="key", how="left").with_columns(pl.col("usual_share").fill_null(0.0))
