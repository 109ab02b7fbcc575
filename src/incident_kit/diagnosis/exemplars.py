"""The trace ids and log lines that show an incident: typical bad requests, not extreme ones.

Example: the slow `GET /cart` have a median of 900 ms. The five closest to it are shown, such as
`access.log:48213`. The one of 30 s is not among them.
"""

from __future__ import annotations

import polars as pl

from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo
from incident_kit.window import Window

SHOWN = 5
"""Enough to see that they agree, few enough to open each."""

EXEMPLARS = pl.Schema(
    {
        "trace_id": pl.String(),
        "line": pl.String(),
        "method": pl.String(),
        "route": pl.String(),
        "status": pl.Int16(),
        "duration_ms": pl.Float64(),
    }
)


def exemplars(
    requests: pl.DataFrame | Rollup, slo: Slo, window: Window, method: str, route: str
) -> pl.DataFrame:
    """Return up to five bad requests of one endpoint within the window, most typical first.

    Typical requests are closest to the median duration of the bad ones. Requests with a trace come before
    those without. From a rollup, they are among the few that it keeps, in buckets that begin within the
    window. `method` is empty in a log without methods. Columns: trace_id, line (`source:line_number`),
    method, route, status, duration_ms.
    """
    found = _kept(requests, slo) if isinstance(requests, Rollup) else requests.filter(is_bad(slo))
    distance = (pl.col("duration_ms") - pl.col("duration_ms").median()).abs()
    name = pl.col("source").str.split("/").list.last()  # no folders: a report is passed on
    line = pl.when(pl.col("line_number").is_not_null()).then(pl.format("{}:{}", name, "line_number"))
    return (
        found.filter(window.covers(), pl.col("method").fill_null("") == method, pl.col("route") == route)
        .sort(pl.col("trace_id").is_null(), distance, "start_time")
        .head(SHOWN)
        .select("trace_id", line.alias("line"), "method", "route", "status", "duration_ms")
        .cast(EXEMPLARS)
    )


def _kept(rollup: Rollup, slo: Slo) -> pl.DataFrame:
    """Return the bad requests that a rollup keeps."""
    kept = rollup.exemplars.rename({"time": "start_time"})
    if slo.indicator == "latency":
        return kept.filter(pl.col("kind") == "slow", pl.col("duration_ms") > slo.threshold_ms)
    return kept.filter(pl.col("kind") == "error")
