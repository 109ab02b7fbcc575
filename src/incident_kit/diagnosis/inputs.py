"""Prepare the inputs of a diagnosis: the rows and the rollup that were given, and their size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import polars as pl

from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.detection.coarse_clock import notes_on_durations
from incident_kit.diagnosis.overlaps import notes_on_overlaps
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import REQUESTS, AnyFrame, conform, empty
from incident_kit.slo import Targets


def as_frame_or_rollup(requests: AnyFrame | Rollup | None) -> pl.DataFrame | Rollup | None:
    """Return a rollup unchanged, and requests as REQUESTS.

    Raises
    ------
    SchemaError
        If a frame is none, or lacks its times.
    """
    if requests is None or isinstance(requests, Rollup):
        return requests
    return conform(requests, REQUESTS, required=("start_time",))


def measured(
    requests: pl.DataFrame | Rollup | None,
    traces: Traced | None,
    targets: Targets,
    rejected: int,
    notes: Iterable[str],
) -> tuple[pl.DataFrame | None, Rollup]:
    """Return the requests (None for a rollup) and their rollup; without a log, the requests of the traces."""
    if isinstance(requests, Rollup):
        both = tuple(dict.fromkeys((*requests.meta.notes, *notes)))
        return None, replace(requests, meta=replace(requests.meta, notes=both))
    frame = requests
    if frame is None:
        frame = empty(REQUESTS) if traces is None else traces.requests
    return frame, rollup_requests(frame, targets=targets, rejected=rejected, notes=tuple(notes))


def inputs_of(
    rollup: Rollup, requests: pl.DataFrame | None, traces: Traced | None, targets: Targets
) -> dict[str, Any]:
    """Return the number of inputs, their span of time, and the notes on them."""
    meta = rollup.meta
    notes = (*notes_on_durations(rollup, targets.latency_ms), *notes_on_overlaps(requests, rollup, traces))
    return {
        "requests": meta.requests,
        "rejected": meta.rejected,
        "excluded": meta.excluded,
        "spans": 0 if traces is None else traces.tree.spans.height,
        "joined": _joined(requests, traces),
        "first": meta.first,
        "last": meta.last,
        "notes": [*meta.notes, *notes],
    }


def _joined(requests: pl.DataFrame | None, traces: Traced | None) -> float:
    """Return the share of requests whose trace is among the spans."""
    if requests is None or traces is None or requests.is_empty():
        return 0.0
    return float(requests["trace_id"].is_in(traces.ids.implode()).sum()) / requests.height
