"""What the traces fail to show of an incident in the log; then nothing in the traces is its cause."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.causes.endpoint_keys import endpoint_key
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup

MOSTLY = 0.8
"""If four fifths of what went bad lie outside the traces, the cause does not lie within them."""

CONCERNED = 0.1
"""An endpoint with a smaller share of the bad requests is not what the incident is about."""

MIN_TRACES = 20
"""The mean of fewer traces than this may be that of one of them."""

MIN_BAD_TRACES = 10
"""Fewest traces that should be bad at the log's rate. Of ten, eight hardly ever go well by chance."""


class NotInTraces(NamedTuple):
    """The objection to any cause that the traces name, and the proof that they do not show the incident.

    Only traces of the very requests that went bad are a proof, or the fact that these have none. With other
    traces of the same endpoints, clock skew or sampling would give the same picture.
    """

    objection: str
    proof: str | None = None


def concerned_endpoints(rollup: Rollup, incident: Incident) -> pl.DataFrame:
    """Return [key, requests, bad, usual_share] of the endpoints with most bad requests, by `endpoint_key`."""
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
