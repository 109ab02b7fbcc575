"""Check windows that the user gave, and judge whether requests were worse in them at all."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

import polars as pl

from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.latency_shifts import latency_shifts
from incident_kit.diagnosis.detection.levels import WINDOW_EVIDENCE
from incident_kit.diagnosis.detection.signals import Signal, Watch
from incident_kit.errors import ParameterError
from incident_kit.measure.arrays.change_points import two_sample_evidence
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.window import Window
from incident_kit.wording import stretch


def check_windows(rollup: Rollup, watch: Watch, incident: Window | None, baseline: Window | None) -> None:
    """Check a given incident and a given baseline against the requests that are watched.

    Raises
    ------
    ParameterError
        If the baseline holds no valid request or overlaps the incident, or the incident lies outside the log.
    """
    if baseline is not None and not watch.requests(baseline):
        raise ParameterError(f"The baseline {baseline} holds no valid request; {_within(rollup)}.")
    if incident is None:
        return
    # An incident without requests is allowed within the log, because an outage looks like that.
    lies_within = rollup.window is not None and incident.overlaps(rollup.window)
    if not watch.requests(incident) and not lies_within:
        raise ParameterError(f"The incident {incident} holds no valid request; {_within(rollup)}.")
    if baseline is not None and incident.overlaps(baseline):
        raise ParameterError(
            f"The baseline {baseline} overlaps the incident {incident}; give one from before or after it."
        )


def is_worse(rollup: Rollup, judged: Iterable[Signal], incident: Incident, q: float) -> bool:
    """Return whether requests surely were worse in a window: more of them bad, or an endpoint slower.

    `judged` are the SLOs measured in it, `q` is the quantile that is compared. Calls that fail behind a
    fallback, or spans that are no longer recorded, harm no request.
    """
    for signal in judged:
        if signal.episode.excess > 0 and signal.episode.nats >= WINDOW_EVIDENCE:
            return True
        if signal.watch.kind != "outage" and _is_worse_somewhere(rollup, signal, incident.baseline):
            return True
    moved = latency_shifts(rollup, None, incident, q)
    return bool((moved["moved"].fill_null(value=False) & (moved["shift_ms"] > 0)).any())


def _is_worse_somewhere(rollup: Rollup, signal: Signal, baseline: Window) -> bool:
    """Return whether surely more requests of some endpoint were bad than in the baseline."""
    counts = bad_counts(rollup, signal.watch.slo).drop_nulls("route")
    during, before = (
        counts.filter(one.covers("time")).group_by(*ENDPOINT).agg(pl.col("bad", "requests").sum())
        for one in (signal.window, baseline)
    )
    both = during.join(before, on=ENDPOINT, suffix="_usual", nulls_equal=True).drop(ENDPOINT)
    # Each endpoint is one more chance of a false alarm, so the evidence needed grows with their number.
    needed = WINDOW_EVIDENCE + log(max(both.height, 1))
    return any(
        two_sample_evidence(bad, requests, (usual + 0.5) / (known + 1), known) >= needed
        for bad, requests, usual, known in both.iter_rows()
    )


def _within(rollup: Rollup) -> str:
    first, last = rollup.meta.first, rollup.meta.last
    if first is None or last is None:
        return "neither does the log"
    return f"the log covers {stretch(first, last)}: give a window within that"
