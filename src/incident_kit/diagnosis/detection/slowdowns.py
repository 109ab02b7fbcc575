"""Find stretches in which requests took far longer than usual although no SLO shows it.

A service that answers in 20 ms and now takes 150 ms keeps a target of 200 ms, but has an incident all the
same, because its callers have a budget of their own. A service that always takes 250 ms, and now takes a
second, misses the target now as it did before. Both are found like a target's own incidents, with a threshold
derived from the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from incident_kit.diagnosis.detection.raised import is_usual
from incident_kit.diagnosis.detection.series import Run, Series, series
from incident_kit.diagnosis.detection.signals import Signal, Watch, apart
from incident_kit.measure.arrays.histogram import ZERO, quantiles
from incident_kit.measure.rollups.rollup import Rollup

TWICE = 2.0
"""A request is slow here at twice the usual quantile; within a factor of two, latency varies anyway."""

MIN_SLOW_SHARE = 0.1
"""At least this share of requests, beyond the usual ones, is slow. Less is not felt while the target is
kept."""

BEST_PART = 0.25
"""The best quarter of a log is usual: an incident may fill most of it, but not all."""

MIN_REQUESTS = 20
"""A stretch of time needs this many requests before its p95 says something."""


def slowdowns(rollup: Rollup, watches: Iterable[Watch], found: Iterable[Signal]) -> list[Signal]:
    """Find the stretches, apart from `found`, in which a tenth of requests took twice the usual quantile."""
    seen = [signal.window for signal in found]
    watched = [slower for watch in watches if (slower := _slower(rollup, watch)) is not None]
    return [
        Signal(watch, episode, window)
        for watch in watched
        for episode in watch.episodes(None, seen)
        for window in [watch.series.window(episode.run)]
        if episode.burn * watch.slo.budget >= MIN_SLOW_SHARE and _was_faster(watch.series, episode.run)
        if apart(window, seen)
    ]


def _was_faster(series: Series, run: Run) -> bool:
    """Return whether requests before a stretch are seen to be faster.

    If the log begins with the stretch, and the target shows nothing, requests did not become slow: they
    became faster later.
    """
    before = (0, run[0])
    return run[0] > 0 and is_usual(series, before, run, before)


def _slower(rollup: Rollup, watch: Watch) -> Watch | None:
    """Return the latency SLO with a threshold from the log, stricter than the target or less so."""
    if watch.kind != "latency":
        return None
    threshold_ms = TWICE * _usual_quantile(rollup, watch.slo.objective)
    if not threshold_ms > 0:
        return None
    slo = replace(watch.slo, threshold_ms=threshold_ms)
    seen = series(rollup, slo)
    return None if seen is None else Watch(watch.kind, slo, seen)


def _usual_quantile(rollup: Rollup, q: float) -> float:
    """Return the latency quantile of the best quarter of the time, in ms; NaN if that cannot be told.

    A quiet service has few requests in a bucket of time, so as many buckets as hold enough count as one.
    """
    rows = rollup.latency.filter(pl.col("bucket") != ZERO).group_by("time", "bucket")
    counts = rows.agg(pl.col("requests").sum()).with_columns(place=pl.col("time").rank("dense") - 1)
    if counts.is_empty():
        return float("nan")
    requests = counts["requests"].to_numpy()
    together = np.ceil(MIN_REQUESTS * counts["time"].n_unique() / requests.sum())
    place = (counts["place"].to_numpy() // together).astype(np.int64)
    enough = np.bincount(place, weights=requests) >= MIN_REQUESTS
    values = quantiles(place, counts["bucket"].to_numpy(), requests, (q,))[enough, 0]
    return float(np.quantile(values, BEST_PART)) if len(values) else float("nan")
