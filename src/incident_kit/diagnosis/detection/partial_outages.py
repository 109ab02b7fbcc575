"""Find stretches in which some clients could not get in, and nothing else shows it.

Traffic falls for many reasons: a campaign ends, a heavy client pauses, clients wait for slow answers. So a
fall is an outage only if traffic comes back to where it was, was never so low at another time around, fell
alike at all endpoints, and if the requests that were served were as quick as ever.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from incident_kit.diagnosis.detection.signals import Signal, Watch, apart
from incident_kit.diagnosis.detection.traffic_drops import MAX_REMAINING, traffic_drops
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.window import Window

ALIKE = 0.9
"""Endpoints with nine tenths of the traffic fell; a client or a campaign takes only its own endpoints
along."""

MIN_EXPECTED = 20
"""An endpoint must expect this many requests before it can be said to have fallen."""

SLOWER = 1.5
"""If answers take 1.5 times as long, clients are held up and ask less often; nobody was cut off."""


def partial_outages(rollup: Rollup, watches: Iterable[Watch], found: Iterable[Signal]) -> list[Signal]:
    """Find the stretches in which arrivals fell by a third or more and came back, at no other signal."""
    seen = [signal.window for signal in found]
    return [
        signal
        for watch in watches
        if watch.kind == "outage"
        for signal in traffic_drops(watch)
        if apart(signal.window, seen) and _alike(rollup, signal.window) and _as_quick(rollup, signal.window)
    ]


def _alike(rollup: Rollup, window: Window) -> bool:
    """Return whether the endpoints fell alike."""
    due = _around(rollup, window)
    endpoints = (
        _requests(rollup, window)
        .join(due, on=ENDPOINT, how="right", suffix="_around", nulls_equal=True)
        .with_columns(due=pl.col("requests_around") / 2, requests=pl.col("requests").fill_null(0))
        .filter(pl.col("due") >= MIN_EXPECTED)
    )
    fell = endpoints.filter(pl.col("requests") <= (1 + MAX_REMAINING) / 2 * pl.col("due"))
    return endpoints.height > 0 and float(fell["due"].sum()) >= ALIKE * float(endpoints["due"].sum())


def _as_quick(rollup: Rollup, window: Window) -> bool:
    """Return whether requests took no longer than before and after."""
    during, around = _requests(rollup, window), _around(rollup, window)
    timed = [table.select(pl.col("timed", "duration_us").sum()).row(0) for table in (during, around)]
    (now, spent), (usual, usually) = timed
    return not now or not usual or spent / now <= SLOWER * usually / usual


def _around(rollup: Rollup, window: Window) -> pl.DataFrame:
    """Return the requests by endpoint in the stretches of the same length before and after a window."""
    before, after = (
        Window(window.start - window.duration, window.start),
        Window(window.end, window.end + window.duration),
    )
    return _sums(rollup.counts.filter(before.covers("time") | after.covers("time")))


def _requests(rollup: Rollup, window: Window) -> pl.DataFrame:
    return _sums(rollup.counts.filter(window.covers("time")))


def _sums(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by(ENDPOINT).agg(pl.col("requests", "timed", "duration_us").sum())
