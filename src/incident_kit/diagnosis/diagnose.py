"""The verb: from requests and spans to a diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import polars as pl

from incident_kit.diagnosis.attributes import ATTRIBUTES, attribute_shares
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.dependencies import DEPENDENCIES, rank_dependencies
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.endpoints import ENDPOINTS, endpoint_shares
from incident_kit.diagnosis.events import Event, read_events
from incident_kit.diagnosis.exemplars import EXEMPLARS, exemplars
from incident_kit.diagnosis.explanation import explanation
from incident_kit.diagnosis.findings import find_patterns, findings_frame
from incident_kit.diagnosis.incidents import Incident, find_incidents
from incident_kit.diagnosis.timeline import timeline
from incident_kit.diagnosis.upstreams import rank_upstreams
from incident_kit.diagnosis.verdicts import verdicts
from incident_kit.errors import ParameterError
from incident_kit.measure.rollup import Rollup, rollup_requests
from incident_kit.measure.root_requests import root_requests
from incident_kit.measure.service_graph import service_graph
from incident_kit.schema import REQUESTS, SPANS, TIME_US, AnyFrame, conform, empty
from incident_kit.slo import Targets
from incident_kit.window import Window

INCIDENTS = pl.Schema(
    {
        "incident": pl.Int64(),
        "kind": pl.String(),
        "indicator": pl.String(),
        "start": TIME_US,
        "end": TIME_US,
        "recovery_s": pl.Float64(),
        "provisional": pl.Boolean(),
        "baseline_start": TIME_US,
        "baseline_end": TIME_US,
        "bad": pl.Int64(),
        "excess": pl.Float64(),
        "explanation": pl.String(),
    }
)


def diagnose(
    requests: AnyFrame | Rollup | None = None,
    spans: AnyFrame | None = None,
    *,
    targets: Targets | Mapping[str, float] | None = None,
    incident: Window | str | None = None,
    baseline: Window | str | None = None,
    events: Iterable[str | Event] = (),
    rejected: int = 0,
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
    rejected
        How many lines of the log were no requests, to be reported.

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
    traced = None if spans is None else conform(spans, SPANS, required=("start", "duration_ms"))
    frame, rollup = _measure(requests, traced, promised, rejected)
    told = read_events(events)
    found = find_incidents(rollup, promised, incident=_window(incident), baseline=_window(baseline))
    cases = [
        _case(one, targets=promised, rollup=rollup, requests=frame, spans=traced, events=told)
        for one in found
    ]
    return Diagnosis(
        inputs=_inputs(rollup, frame, traced),
        targets=promised,
        rollup=rollup,
        verdicts=verdicts(rollup, promised, found),
        incidents=_incidents(cases),
        endpoints=_numbered([case.endpoints for case in cases], ENDPOINTS),
        dependencies=_numbered([case.dependencies for case in cases], DEPENDENCIES),
        attributes=_numbered([case.attributes for case in cases], ATTRIBUTES),
        exemplars=_numbered([_exemplars(case) for case in cases], EXEMPLARS),
        findings=findings_frame(
            (n, finding) for n, case in enumerate(cases) for finding in find_patterns(case)
        ),
        timeline=timeline(found, told, rollup.meta.first, rollup.meta.last),
    )


def _window(given: Window | str | None) -> Window | None:
    return Window.parse(given) if isinstance(given, str) else given


def _measure(
    requests: AnyFrame | Rollup | None, spans: pl.DataFrame | None, targets: Targets, rejected: int
) -> tuple[pl.DataFrame | None, Rollup]:
    """Return the requests, where there are rows of them, and their rollup."""
    if isinstance(requests, Rollup):
        return None, requests
    if requests is not None:
        frame = conform(requests, REQUESTS, required=("start_time",))
    else:
        frame = root_requests(empty(SPANS) if spans is None else spans)
    return frame, rollup_requests(frame, targets=targets, rejected=rejected)


def _case(
    incident: Incident,
    *,
    targets: Targets,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    spans: pl.DataFrame | None,
    events: list[Event],
) -> Case:
    """Gather the tables that bear on one incident."""
    during = incident.during(rollup.meta.last)
    traced = empty(SPANS) if spans is None else spans
    return Case(
        incident=incident,
        during=during,
        targets=targets,
        rollup=rollup,
        endpoints=endpoint_shares(rollup, incident),
        dependencies=_dependencies(incident, during, requests, spans),
        attributes=attribute_shares(rollup if requests is None else requests, incident),
        calls_before=service_graph(traced.filter(incident.baseline.covers("start"))),
        calls_during=service_graph(traced.filter(during.covers("start"))),
        requests=requests,
        spans=spans,
        events=events,
    )


def _dependencies(
    incident: Incident, during: Window, requests: pl.DataFrame | None, spans: pl.DataFrame | None
) -> pl.DataFrame:
    """Rank by the spans; without them by what the log says of upstreams, if it does."""
    kind: Literal["errors", "latency"] = "latency" if incident.indicator == "latency" else "errors"
    if spans is not None:
        return rank_dependencies(spans, during, incident.baseline, kind=kind)
    if requests is not None and requests["upstream_addr"].null_count() < requests.height:
        return rank_upstreams(requests, during, incident.baseline, kind=kind)
    return pl.DataFrame(schema=DEPENDENCIES)


def _exemplars(case: Case) -> pl.DataFrame:
    if case.requests is None or case.endpoints.is_empty():
        return pl.DataFrame(schema=EXEMPLARS)
    first = case.endpoints.row(0, named=True)
    return exemplars(case.requests, case.incident.slo, case.during, first["method"], first["route"])


def _incidents(cases: list[Case]) -> pl.DataFrame:
    rows = [
        {
            "incident": number,
            "baseline_start": case.before.start,
            "baseline_end": case.before.end,
            "explanation": explanation(case.incident, case.attributes),
            **{name: getattr(case.incident, name) for name in INCIDENTS if hasattr(case.incident, name)},
        }
        for number, case in enumerate(cases)
    ]
    return pl.DataFrame(rows, schema=INCIDENTS)


def _numbered(tables: list[pl.DataFrame], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Stack the tables of all incidents under the number of each."""
    none = pl.DataFrame(schema={"incident": pl.Int64, **schema})
    numbered = [
        table.select(pl.lit(number).alias("incident"), pl.all()) for number, table in enumerate(tables)
    ]
    return pl.concat([none, *numbered], how="vertical_relaxed")


def _inputs(rollup: Rollup, requests: pl.DataFrame | None, spans: pl.DataFrame | None) -> dict[str, Any]:
    meta = rollup.meta
    return {
        "requests": meta.requests,
        "rejected": meta.rejected,
        "excluded": meta.excluded,
        "spans": 0 if spans is None else spans.height,
        "joined": _joined(requests, spans),
        "first": meta.first,
        "last": meta.last,
    }


def _joined(requests: pl.DataFrame | None, spans: pl.DataFrame | None) -> float:
    """Return the share of requests whose trace is among the spans."""
    if requests is None or spans is None or requests.is_empty():
        return 0.0
    traced = requests.get_column("trace_id").is_in(spans.get_column("trace_id").unique().to_list())
    return float(traced.sum()) / requests.height
