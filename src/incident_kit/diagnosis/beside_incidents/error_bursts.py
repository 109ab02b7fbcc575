"""Find errors that come in bursts too short for an incident, several times over.

Example: every five hours an instance is killed, and for half a minute a quarter of the requests fails. One
such burst is one event, which is over before anyone could act on it; the eighth is a reason to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.detection.episode import MIN_BAD, SUSTAINED_S
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.segmentation import segment
from incident_kit.diagnosis.detection.series import Series, series
from incident_kit.diagnosis.detection.signals import apart
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.regularity import regular_interval
from incident_kit.measure.indicators.error_budget import WORKBOOK
from incident_kit.measure.requests.outcome import is_error
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

MIN_BURSTS = 3
"""Two may be two deploys."""

MIN_BURN = WORKBOOK[0].rate
"""A burst fails this many times the requests that the SLO allows: the burn rate that pages somebody."""

SAME = 0.9
"""Nearly all errors have a value in common, where at most half of the other requests have it."""

PLACES = {"upstream_addr": "on upstream {}", "host": "to host {}", "route": "to {}", "source": "in {}"}
"""The columns in which the errors may have something in common, and how that is told."""


@dataclass(frozen=True)
class Burst:
    """A window with its failed requests and all of its requests."""

    window: Window
    failed: int
    requests: int


def find_error_bursts(
    requests: pl.DataFrame | None, rollup: Rollup, targets: Targets, incidents: Sequence[Incident]
) -> list[Finding]:
    """Return the finding of errors in short bursts outside all incidents, if there are several bursts."""
    known = [incident.during(rollup.meta.last) for incident in incidents]
    errors = series(rollup, targets.errors)
    bursts = [] if errors is None else _bursts(errors, targets.errors, known)
    if len(bursts) < MIN_BURSTS:
        return []
    return [_finding(bursts, rollup.meta.bucket_s, _in_common(requests, bursts))]


def _bursts(series: Series, errors: Slo, known: Sequence[Window]) -> list[Burst]:
    """Return the stretches of a few buckets at most in which ten requests more than usual failed.

    In the `known` windows there are incidents.
    """
    level, runs = segment(series, errors, excluded=[series.run(window) for window in known])
    return [
        Burst(series.window(run), int(failed), int(all_of))
        for run in runs
        if apart(series.window(run), known)
        for failed, all_of in [series.sums(run)]
        if failed - level.over(series, run) * all_of >= MIN_BAD
        if failed >= MIN_BURN * errors.budget * all_of
        if (run[1] - run[0]) * series.bucket_s <= max(SUSTAINED_S, 2 * series.bucket_s)
    ]


def _in_common(requests: pl.DataFrame | None, bursts: Sequence[Burst]) -> str | None:
    """Return what nearly all errors in the bursts have in common, in words, and other requests have not."""
    if requests is None:
        return None
    within = pl.any_horizontal(burst.window.covers("start_time") for burst in bursts)
    rows = requests.select("start_time", *PLACES, failed=is_error()).filter(within)
    errors = int(rows["failed"].sum())
    for column, phrase in PLACES.items():
        counts = rows.group_by(column).agg(pl.col("failed").sum(), pl.len()).sort("failed", descending=True)
        value, failed, all_of = counts.row(0)
        if value is not None and failed >= SAME * errors and all_of - failed <= (rows.height - errors) / 2:
            return phrase.format(wording.shorten(value))
    return None


def _finding(bursts: Sequence[Burst], bucket_s: int, common: str | None) -> Finding:
    failed = sum(burst.failed for burst in bursts)
    interval_s = regular_interval([burst.window.start.timestamp() for burst in bursts], bucket_s)
    every = f", one every {wording.duration_words(interval_s)}" if interval_s else ""
    where = f", nearly all of them {common}" if common else ""
    worst = max(bursts, key=lambda burst: burst.failed)
    latest = wording.listed([wording.clock(burst.window.start) for burst in bursts[-MIN_BURSTS:]])
    return Finding(
        id="error-bursts",
        priority="reliability",
        claim=f"Errors come in bursts too short for an incident: {len(bursts)} of them{every}, with "
        f"{wording.count(failed, 'failed request')}{where}.",
        evidence=f"In the worst {worst.failed:,} of {wording.count(worst.requests, 'request')} failed; the "
        f"latest began at {latest}.",
        change="Look at what happened then. For a deploy or a restart: take instances out, and let requests "
        "end before they stop. For an instance that is killed: find what kills it. Let the proxy try another "
        "instance.",
        risk="A request that is tried again is done twice if it was no read.",
        verify="Deploy or restart under load, and count the requests that fail.",
        monitor="Errors by second, and the age of each instance.",
    )
