"""Find endpoints that broke altogether but have too little traffic for the whole service to show it.

Example: `POST /refund` has 0.2 % of the requests, and half of its requests fail for ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from incident_kit.diagnosis.detection.raised import MIN_BAD
from incident_kit.diagnosis.detection.series import series
from incident_kit.diagnosis.detection.signals import Signal, Watch, close
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

BROKEN = 0.3
"""A single endpoint is an incident if 30 percentage points more of its requests than usual are bad."""

BLOCKS = 100
"""The log is cut into this many blocks to see whether an endpoint is worth a closer look."""

LOOK = BROKEN / 2
"""A block must exceed the endpoint's overall share by this: half of BROKEN, so that half an incident
shows."""


def broken_endpoints(rollup: Rollup, watches: Iterable[Watch], found: Iterable[Signal]) -> list[Signal]:
    """Find the stretches in which a single endpoint broke, while the service as a whole shows nothing.

    They are signals of the whole service's SLO, so that shares stay shares of all bad requests.
    """
    seen = [signal.window for signal in found]
    return [
        signal
        for watch in watches
        if watch.kind != "outage"
        for scope in _suspects(rollup, watch)
        for signal in _broken(rollup, watch, scope)
        if not any(close(signal.window, window) for window in seen)
    ]


def _suspects(rollup: Rollup, watch: Watch) -> list[dict[str, str]]:
    """Return the endpoints that were much worse in some block of the log than they are over all of it."""
    width = max(1, len(watch.series.bad) // BLOCKS) * watch.series.bucket_s
    blocks = (
        bad_counts(rollup, watch.slo)
        .drop_nulls()
        .group_by(*ENDPOINT, pl.col("time").dt.epoch("s") // width)
        .agg(pl.col("requests", "bad").sum())
    )
    usual = pl.col("bad").sum().over(ENDPOINT) / pl.col("requests").sum().over(ENDPOINT)
    worse = blocks.filter(
        pl.col("bad") / pl.col("requests") >= usual + LOOK, pl.col("bad").sum().over(ENDPOINT) >= MIN_BAD
    )
    return worse.select(ENDPOINT).unique().sort(ENDPOINT).to_dicts()


def _broken(rollup: Rollup, watch: Watch, scope: dict[str, str]) -> list[Signal]:
    """Return the signals of one endpoint, those in which BROKEN more of its requests than usual are bad."""
    slo = replace(watch.slo, scope=scope)
    alone = series(rollup, slo)
    if alone is None:
        return []
    own = Watch(watch.kind, slo, alone)
    return [
        Signal(watch, episode, alone.window(episode.run))
        for episode in own.episodes(None)
        if episode.burn * slo.budget >= BROKEN
    ]
