"""The verb: from requests and spans to a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import polars as pl

from incident_kit.diagnosis.attributes.values import ATTRIBUTES
from incident_kit.diagnosis.cases import case_of, incidents_frame, numbered, typical_requests
from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES
from incident_kit.diagnosis.causes.traced import Traced, traced
from incident_kit.diagnosis.detection.coarse_clock import said_of_durations
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.diagnosis.detection.latency_shifts import QUANTILES
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.endpoints import ENDPOINTS
from incident_kit.diagnosis.events import Event, read_events
from incident_kit.diagnosis.exemplars import EXEMPLARS
from incident_kit.diagnosis.findings import find_patterns, findings_frame
from incident_kit.diagnosis.hidden_failures import find_hidden_failures
from incident_kit.diagnosis.security import find_threats
from incident_kit.diagnosis.timeline import timeline
from incident_kit.diagnosis.verdicts import verdicts
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.schema import REQUESTS, AnyFrame, conform, empty
from incident_kit.slo import Targets
from incident_kit.window import Window


def diagnose(
    requests: AnyFrame | Rollup | None = None,
    spans: AnyFrame | None = None,
    *,
    targets: Targets | Mapping[str, float] | None = None,
    incident: Window | str | None = None,
    baseline: Window | str | None = None,
    events: Iterable[str | Event] = (),
    rejected: int = 0,
    notes: Iterable[str] = (),
) -> Diagnosis:
    """Find the incidents, who explains them, and whether the targets held.

    Parameters
    ----------
    requests
        A frame of REQUESTS, or a rollup. Without it, the root spans are the requests.
    spans
        A frame of SPANS.
    targets
        The targets, or those that differ from the defaults by name.
    incident, baseline
        Windows to look at instead of those that are found, as `Window` or `START/END`.
    events
        Deploys and changes: `TIME text` lines, or paths of CSV files with the columns time and text.
    rejected, notes
        How many lines of the log were no requests, and what their readers had to say, to be reported.

    Raises
    ------
    ParameterError
        If there are neither requests nor spans, or a target, window or event means nothing.
    SchemaError
        If a frame is none, or lacks its times.
    """
    if requests is None and spans is None:
        raise ParameterError("There is nothing to diagnose; give requests, spans, or both.")
    promised = targets if isinstance(targets, Targets) else Targets.of(targets)
    with ThreadPoolExecutor(1) as beside:
        traces = None if spans is None else traced(spans, beside)
        frame, rollup = _measure(requests, traces, promised, rejected, notes)
        told = read_events(events)
        found = find_incidents(rollup, promised, incident=_window(incident), baseline=_window(baseline))
        cases = [
            case_of(one, targets=promised, rollup=rollup, requests=frame, traced=traces, events=told)
            for one in found
        ]
        felt = [one for one in found if one.worse]
        hidden = (
            [] if traces is None else find_hidden_failures(traces.calls(), promised, felt, traces.requests)
        )
    return Diagnosis(
        inputs=_inputs(rollup, frame, traces, said_of_durations(rollup, promised.latency_ms)),
        targets=promised,
        rollup=rollup,
        verdicts=verdicts(rollup, promised, found),
        incidents=incidents_frame(cases),
        endpoints=numbered(cases, lambda case: case.endpoints, ENDPOINTS),
        quantiles=numbered(cases, lambda case: case.quantiles, QUANTILES),
        dependencies=numbered(cases, lambda case: case.dependencies, DEPENDENCIES),
        attributes=numbered(cases, lambda case: case.attributes, ATTRIBUTES),
        exemplars=numbered(cases, typical_requests, EXEMPLARS),
        findings=findings_frame(
            [
                *((n, finding) for n, case in enumerate(cases) for finding in find_patterns(case)),
                *((None, finding) for finding in hidden),
                *((None, finding) for finding in find_threats(frame, rollup)),
            ]
        ),
        timeline=timeline(found, told, rollup.meta.first, rollup.meta.last),
    )


def _window(given: Window | str | None) -> Window | None:
    if isinstance(given, str):
        return Window.parse(given)
    if isinstance(given, Window | None):
        return given
    raise ParameterError(f"{given!r} is no window; write it as START/END, or give a Window.")


def _measure(
    requests: AnyFrame | Rollup | None,
    traces: Traced | None,
    targets: Targets,
    rejected: int,
    notes: Iterable[str],
) -> tuple[pl.DataFrame | None, Rollup]:
    """Return the requests, where there are rows of them, and their rollup."""
    if isinstance(requests, Rollup):
        both = tuple(dict.fromkeys((*requests.meta.notes, *notes)))
        return None, replace(requests, meta=replace(requests.meta, notes=both))
    if requests is not None:
        frame = conform(requests, REQUESTS, required=("start_time",))
    else:
        frame = empty(REQUESTS) if traces is None else traces.requests
    return frame, rollup_requests(frame, targets=targets, rejected=rejected, notes=tuple(notes))


def _inputs(
    rollup: Rollup, requests: pl.DataFrame | None, traces: Traced | None, said: list[str]
) -> dict[str, Any]:
    meta = rollup.meta
    return {
        "requests": meta.requests,
        "rejected": meta.rejected,
        "excluded": meta.excluded,
        "spans": 0 if traces is None else traces.tree.spans.height,
        "joined": _joined(requests, traces),
        "first": meta.first,
        "last": meta.last,
        "notes": [*meta.notes, *said],
    }


def _joined(requests: pl.DataFrame | None, traces: Traced | None) -> float:
    """Return the share of requests whose trace is among the spans."""
    if requests is None or traces is None or requests.is_empty():
        return 0.0
    return float(requests["trace_id"].is_in(traces.ids.implode()).sum()) / requests.height
