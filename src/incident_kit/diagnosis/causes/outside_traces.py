"""How much of the extra time of slow requests their traces show: the rest lies outside what is traced.

A proxy measures also how long a client takes to send its request and to read the answer, and how long a
request waits before the first service that records a span.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.indicators.bad_requests import bad
from incident_kit.window import Window

MOSTLY = 0.8
"""Four fifths of the extra time outside the traces leave no cause within them."""

TOOK_NO_LONGER = "the requests that went bad took hardly longer in their traces"
"""What then speaks against a cause that traces name."""

LEAST_TRACES = 20
"""Of fewer slow requests with a trace the mean may be that of one of them."""


class Longer(NamedTuple):
    """By how many ms slow requests of an incident took longer than usual: in the log, and in their traces."""

    logged_ms: float
    traced_ms: float
    requests: int

    @property
    def outside(self) -> bool:
        """Whether nearly all of it lies outside the traces."""
        return self.logged_ms > 0 and self.logged_ms - self.traced_ms >= MOSTLY * self.logged_ms


def longer(requests: pl.DataFrame, traced: pl.DataFrame, incident: Incident, during: Window) -> Longer | None:
    """Compare slow requests with the usual ones of their endpoints; None of another incident, or of few.

    `traced` are the requests as the traces have them; where there is no log, nothing lies outside of those.
    """
    if incident.indicator != "latency" or requests is traced:
        return None
    seen = traced.select("trace_id", traced_ms="duration_ms").unique("trace_id")
    timed = requests.select(
        "trace_id", "method", "route", "start_time", "duration_ms", bad(incident.slo)
    ).join(seen, on="trace_id")
    slow = timed.filter(during.covers(), "bad")
    usual = timed.filter(incident.baseline.covers()).group_by("method", "route")
    means = usual.agg(pl.col("duration_ms", "traced_ms").mean().name.suffix("_usual"))
    both = slow.join(means, on=["method", "route"], nulls_equal=True)
    if both.height < LEAST_TRACES:
        return None
    gained = (pl.col(name) - pl.col(f"{name}_usual") for name in ("duration_ms", "traced_ms"))
    logged_ms, traced_ms = both.select(*gained).mean().row(0)
    return Longer(logged_ms, traced_ms, both.height)
