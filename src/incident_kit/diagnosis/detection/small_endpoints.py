"""Find endpoints that broke altogether but have too little traffic for the whole service to show it.

Example: `POST /refund` has 0.2 % of the requests, and half of its requests fail for ten minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from incident_kit.diagnosis.detection.episode import MIN_BAD
from incident_kit.diagnosis.detection.series import series
from incident_kit.diagnosis.detection.signals import Signal, Watch, apart
from incident_kit.measure.arrays.array_types import Ints
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

BROKEN = 0.3
"""A single endpoint is an incident if 30 percentage points more of its requests than usual are bad."""

LOOK = BROKEN / 2
"""Ten bad requests in a row must exceed the endpoint's overall share by this: half of BROKEN, so that half an
incident shows."""


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
        if apart(signal.window, seen)
    ]


def _suspects(rollup: Rollup, watch: Watch) -> list[dict[str, str]]:
    """Return the endpoints of which `MIN_BAD` bad requests came so close together that they are worth a look.

    These are counted off and not the time, so a log of a month shows an incident of minutes as one of an hour
    does.
    """
    counts = bad_counts(rollup, watch.slo).drop_nulls("route").sort(*ENDPOINT, "time")
    bad, requests = (pl.col(name).sum().over(ENDPOINT) for name in ("bad", "requests"))
    some = counts.with_columns(usual=bad / requests).filter(bad >= MIN_BAD)
    worse = [
        scope
        for scope, rows in some.group_by(ENDPOINT, maintain_order=True)
        if _worst_share(rows["bad"].to_numpy(), rows["requests"].to_numpy()) >= rows["usual"][0] + LOOK
    ]
    # A log without methods is scoped by the route alone.
    scopes = (zip(ENDPOINT, scope, strict=True) for scope in worse)
    return [{name: str(value) for name, value in scope if value is not None} for scope in scopes]


def _worst_share(bad: Ints, requests: Ints) -> float:
    """Return the share of bad requests where `MIN_BAD` of them lie closest together."""
    bad_before, before = (np.concatenate([[0], np.cumsum(counts)]) for counts in (bad, requests))
    start = np.flatnonzero(bad)
    end = np.searchsorted(bad_before, bad_before[start] + MIN_BAD)
    start, end = start[end < len(bad_before)], end[end < len(bad_before)]
    return float(((bad_before[end] - bad_before[start]) / (before[end] - before[start])).max())


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
