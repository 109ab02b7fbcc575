"""Measure how much of the extra time of slow requests their traces show; the rest lies outside them.

A proxy's log also measures how long a client takes to send its request and to read the answer, and how long a
request waits before the first service that records a span. Example: requests took 900 ms longer in the log
and 20 ms longer in their traces, so 880 ms lie outside the traces.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.causes.endpoint_keys import endpoint_key
from incident_kit.diagnosis.causes.not_in_traces import (
    MIN_BAD_TRACES,
    MIN_TRACES,
    MOSTLY,
    NotInTraces,
    concerned_endpoints,
)
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import is_bad
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.window import Window
from incident_kit.wording import count, milliseconds

TOOK_NO_LONGER = "the requests that went bad took hardly longer in their traces"
ALIKE_TOOK_NO_LONGER = "requests to the same endpoints took hardly longer in the traces"
"""The objections to a cause that traces name."""

US_PER_MS = 1000


class ExtraTime(NamedTuple):
    """How many ms longer than usual an incident's requests took, in the log and in their traces."""

    logged_ms: float
    traced_ms: float
    requests: int

    @property
    def outside(self) -> bool:
        """Whether nearly all of the extra time lies outside the traces."""
        return self.logged_ms > 0 and self.logged_ms - self.traced_ms >= MOSTLY * self.logged_ms

    def __str__(self) -> str:
        """Return the sentence about slow requests."""
        return (
            f"{count(self.requests, 'slow request')} took {milliseconds(self.logged_ms)} longer than usual "
            f"in the log, and {milliseconds(max(self.traced_ms, 0.0))} in their traces."
        )


def time_not_in_traces(
    rollup: Rollup, requests: pl.DataFrame | None, traced: pl.DataFrame, incident: Incident, during: Window
) -> NotInTraces | None:
    """Return the objection to the traces if they do not show an incident of latency; else None.

    `traced` are the requests as the traces have them. The slow requests are found in the traces by their
    trace ids or, if few have one, by their endpoints.
    """
    by_id = None if requests is None else extra_time(requests, traced, incident, during)
    if by_id is not None:
        return NotInTraces(TOOK_NO_LONGER, str(by_id)) if by_id.outside else None
    by_endpoint = extra_time_by_endpoint(rollup, traced, incident, during)
    return None if by_endpoint is None or not by_endpoint.outside else NotInTraces(ALIKE_TOOK_NO_LONGER)


def extra_time(
    requests: pl.DataFrame, traced: pl.DataFrame, incident: Incident, during: Window
) -> ExtraTime | None:
    """Compare slow requests with the usual ones of their endpoints; None if too few have a trace."""
    seen = traced.select("trace_id", traced_ms="duration_ms").unique("trace_id")
    timed = requests.select(
        "trace_id", "method", "route", "start_time", "duration_ms", is_bad(incident.slo)
    ).join(seen, on="trace_id")
    slow = timed.filter(during.covers(), "bad")
    usual = timed.filter(incident.baseline.covers()).group_by("method", "route")
    means = usual.agg(pl.col("duration_ms", "traced_ms").mean().name.suffix("_usual"))
    both = slow.join(means, on=["method", "route"], nulls_equal=True)
    if both.height < MIN_TRACES:
        return None
    gained = (pl.col(name) - pl.col(f"{name}_usual") for name in ("duration_ms", "traced_ms"))
    logged_ms, traced_ms = both.select(*gained).mean().row(0)
    return ExtraTime(logged_ms, traced_ms, both.height)


def extra_time_by_endpoint(
    rollup: Rollup, traced: pl.DataFrame, incident: Incident, during: Window
) -> ExtraTime | None:
    """Compare all requests of the endpoints that went bad, on average; None if there are too few traces."""
    now, usual = (_means(rollup, traced, window) for window in (during, incident.baseline))
    enough = (
        concerned_endpoints(rollup, incident)
        .join(now, on="key")
        .join(usual, on="key", suffix="_usual")
        .filter(
            pl.min_horizontal("traces", "traces_usual") >= MIN_TRACES,
            pl.col("traces") * pl.col("bad") >= MIN_BAD_TRACES * pl.col("requests"),
        )
    )
    if enough.is_empty():
        return None
    gained = (
        ((pl.col(name) - pl.col(f"{name}_usual")) * pl.col("bad")).sum() / pl.col("bad").sum()
        for name in ("logged_ms", "traced_ms")
    )
    logged_ms, traced_ms = enough.select(*gained).row(0)
    return ExtraTime(logged_ms, traced_ms, int(enough["traces"].sum()))


def _means(rollup: Rollup, traced: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Return [key, logged_ms, traced_ms, traces]: how long requests of each endpoint take on average."""
    counts = rollup.counts.filter(window.covers("time"), pl.col("timed") > 0)
    took = pl.col("duration_us").sum() / pl.col("timed").sum() / US_PER_MS
    logged = counts.group_by(key=endpoint_key()).agg(logged_ms=took)
    seen = traced.filter(window.covers()).group_by(key=endpoint_key())
    return logged.join(seen.agg(traced_ms=pl.col("duration_ms").mean(), traces=pl.len()), on="key")
