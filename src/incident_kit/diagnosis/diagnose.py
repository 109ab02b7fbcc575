"""The entry point: turn requests and spans into a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from incident_kit.diagnosis.attributes.values import ATTRIBUTES
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES
from incident_kit.diagnosis.causes.traced import traced
from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.diagnosis.detection.latency_shifts import QUANTILES
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.endpoints import ENDPOINTS
from incident_kit.diagnosis.events import Event, read_events
from incident_kit.diagnosis.exemplars import EXEMPLARS
from incident_kit.diagnosis.findings import Finding, findings_frame
from incident_kit.diagnosis.gather_case import gather_case
from incident_kit.diagnosis.incident_findings import find_patterns
from incident_kit.diagnosis.incident_tables import incidents_frame, numbered, typical_requests
from incident_kit.diagnosis.inputs import as_frame_or_rollup, inputs_of, measured
from incident_kit.diagnosis.log_findings import find_hidden, find_without_incident
from incident_kit.diagnosis.timeline import timeline
from incident_kit.diagnosis.verdicts import verdicts
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.spans.log_clock import on_the_logs_clock
from incident_kit.measure.spans.request_id_traces import traced_by_request_id
from incident_kit.measure.spans.span_tree import REQUIRED_COLUMNS
from incident_kit.schema import SPANS, AnyFrame, conform
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
    """Find the incidents, their causes, and whether the targets held.

    Parameters
    ----------
    requests
        A frame of REQUESTS, or a rollup. Without it, the root spans are the requests.
    spans
        A frame of SPANS.
    targets
        The targets, or those that differ from the defaults by name.
    incident, baseline
        Windows to use instead of those that are found, as `Window` or `START/END`.
    events
        Deploys and changes: `TIME text` lines, or paths of CSV files with the columns time and text.
    rejected, notes
        How many lines of the log were no requests, and the notes of their readers; both are reported.

    Raises
    ------
    ParameterError
        If there are neither requests nor spans, or a target, window or event is invalid.
    SchemaError
        If a frame is none, or lacks its times.
    """
    if requests is None and spans is None:
        raise ParameterError("There is nothing to diagnose; give requests, spans, or both.")
    objectives = Targets.of(targets)
    given = as_frame_or_rollup(requests)
    if isinstance(given, pl.DataFrame) and spans is not None:
        spans = conform(spans, SPANS, required=REQUIRED_COLUMNS)
        given = traced_by_request_id(given, spans)
        spans, said = on_the_logs_clock(given, spans)
        notes = (*notes, *said)
    with ThreadPoolExecutor(1) as executor:
        traces = None if spans is None else traced(spans, executor)
        frame, rollup = measured(given, traces, objectives, rejected, notes)
        noted_events = read_events(events)
        during, before = (None if each is None else Window.of(each) for each in (incident, baseline))
        found = find_incidents(rollup, objectives, incident=during, baseline=before)
        cases = [
            gather_case(
                one, targets=objectives, rollup=rollup, requests=frame, traced=traces, events=noted_events
            )
            for one in found
        ]
        of_the_log = [
            *find_hidden(given, traces, rollup, objectives, [one for one in found if one.worse]),
            *find_without_incident(frame, rollup, objectives, found),
        ]
    return Diagnosis(
        inputs=inputs_of(rollup, frame, traces, objectives),
        targets=objectives,
        rollup=rollup,
        verdicts=verdicts(rollup, objectives, found),
        incidents=incidents_frame(cases),
        endpoints=numbered(cases, lambda case: case.endpoints, ENDPOINTS),
        quantiles=numbered(cases, lambda case: case.quantiles, QUANTILES),
        dependencies=numbered(cases, lambda case: case.dependencies, DEPENDENCIES),
        attributes=numbered(cases, lambda case: case.attributes, ATTRIBUTES),
        exemplars=numbered(cases, typical_requests, EXEMPLARS),
        findings=findings_frame(_with_incidents(cases, of_the_log)),
        timeline=timeline(found, noted_events, rollup.meta.first, rollup.meta.last),
    )


def _with_incidents(cases: Iterable[Case], of_the_log: Iterable[Finding]) -> list[tuple[int | None, Finding]]:
    """Return each case's findings with its number, and the other findings with None."""
    of_cases = [(number, finding) for number, case in enumerate(cases) for finding in find_patterns(case)]
    return [*of_cases, *((None, finding) for finding in of_the_log)]
