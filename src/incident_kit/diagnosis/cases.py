"""The tables that bear on each incident, gathered and numbered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Literal

import polars as pl

from incident_kit.diagnosis.attributes.contrasts import attribute_shares
from incident_kit.diagnosis.attributes.explanation import explanation
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES, rank_dependencies
from incident_kit.diagnosis.causes.kept_traces import of_kept_traces
from incident_kit.diagnosis.causes.on_the_way import doubted, way_of_the_bad
from incident_kit.diagnosis.causes.outside_traces import TOOK_NO_LONGER, Longer, longer
from incident_kit.diagnosis.causes.traced import Traced, no_calls
from incident_kit.diagnosis.causes.upstreams import rank_upstreams
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.latency_shifts import latency_shifts
from incident_kit.diagnosis.doubts import lost_spans, unseen_work
from incident_kit.diagnosis.doubts.shared_place import shared_place
from incident_kit.diagnosis.endpoints import endpoint_shares
from incident_kit.diagnosis.events import Event
from incident_kit.diagnosis.exemplars import EXEMPLARS, exemplars
from incident_kit.measure.calls.awaited import awaited
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import TIME_US
from incident_kit.slo import Targets

OBJECTIONS = {
    "outage": "requests that never arrived leave no trace",
    "traffic": "traffic moved, and no endpoint got worse",
}
"""What speaks against any cause: what became of the requests that did arrive explains no outage, and what is
slower on average because slow requests are more explains no slowness."""

INCIDENTS = pl.Schema(
    {
        "incident": pl.Int64(),
        "kind": pl.String(),
        "indicator": pl.String(),
        "threshold_ms": pl.Float64(),
        "start": TIME_US,
        "end": TIME_US,
        "recovery_s": pl.Float64(),
        "provisional": pl.Boolean(),
        "began_before": pl.Boolean(),
        "worse": pl.Boolean(),
        "baseline_start": TIME_US,
        "baseline_end": TIME_US,
        "bad": pl.Int64(),
        "excess": pl.Float64(),
        "explanation": pl.String(),
    }
)
"""The columns of a table of incidents."""


def case_of(
    incident: Incident,
    *,
    targets: Targets,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    traced: Traced | None,
    events: Sequence[Event],
) -> Case:
    """Gather the tables that bear on one incident."""
    during = incident.during(rollup.meta.last)
    told = None if requests is None or traced is None else longer(requests, traced.requests, incident, during)
    # The spans say who is at fault, and meanwhile the requests all the rest.
    with ThreadPoolExecutor(1) as beside:
        ranking = beside.submit(_dependencies, incident, rollup, requests, traced, told)
        endpoints = endpoint_shares(rollup, incident)
        quantiles = latency_shifts(rollup, requests, incident, targets.latency_quantile)
        attributes = attribute_shares(rollup if requests is None else requests, incident)
        released = [] if traced is None else traced.releases
    objection = OBJECTIONS.get(incident.kind)
    case = Case(
        incident=incident,
        during=during,
        targets=targets,
        rollup=rollup,
        endpoints=endpoints,
        quantiles=quantiles,
        dependencies=ranking.result() if objection is None else doubted(ranking.result(), objection),
        attributes=attributes,
        calls=no_calls() if traced is None else traced.calls(),
        requests=requests,
        longer=told,
        releases=released,
        tree=None if traced is None else traced.tree,
        events=events,
    )
    case = replace(case, place=shared_place(case))
    objection = (
        (lost_spans.objection(case) or unseen_work.objection(case))
        if case.place is None
        else case.place.objection
    )
    return case if objection is None else replace(case, dependencies=doubted(case.dependencies, objection))


def incidents_frame(cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row an incident, in the order of time."""
    rows = [
        {
            "incident": number,
            "baseline_start": case.before.start,
            "baseline_end": case.before.end,
            "explanation": explanation(case.incident, case.targets, case.attributes, case.requests is None),
            **{name: getattr(case.incident, name) for name in INCIDENTS if hasattr(case.incident, name)},
        }
        for number, case in enumerate(cases)
    ]
    return pl.DataFrame(rows, schema=INCIDENTS)


def numbered(
    cases: Sequence[Case], table: Callable[[Case], pl.DataFrame], schema: Mapping[str, Any]
) -> pl.DataFrame:
    """Stack a table of all incidents under the number of each."""
    none = pl.DataFrame(schema={"incident": pl.Int64, **schema})
    parts = [
        table(case).select(pl.lit(number).alias("incident"), pl.all()) for number, case in enumerate(cases)
    ]
    return pl.concat([none, *parts], how="vertical_relaxed")


def typical_requests(case: Case) -> pl.DataFrame:
    """Return the exemplars of the endpoint that explains most."""
    if case.endpoints.is_empty():
        return pl.DataFrame(schema=EXEMPLARS)
    first = case.endpoints.row(0, named=True)
    asked = case.rollup if case.requests is None else case.requests
    return exemplars(asked, case.incident.slo, case.during, first["method"], first["route"])


def _dependencies(
    incident: Incident,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    traced: Traced | None,
    told: Longer | None,
) -> pl.DataFrame:
    """Rank by the spans; without them by what the log says of upstreams, if it does."""
    during = incident.during(rollup.meta.last)
    kind: Literal["errors", "latency"] = "latency" if incident.indicator == "latency" else "errors"
    if traced is not None:
        logged = rollup.exemplars if requests is None else requests
        # Who is on the way is asked when everything else is known of who changed.
        with ThreadPoolExecutor(1) as beside:
            way = beside.submit(way_of_the_bad, rollup, logged, traced, incident)
            ranking = rank_dependencies(
                awaited(traced.tree),
                during,
                incident.baseline,
                kind=kind,
                calls=traced.calls,
                possible=lambda name: way.result().passes(name),
            )
        if told is not None and told.outside:
            return doubted(ranking, TOOK_NO_LONGER)
        ranking = way.result().said(ranking)
        if requests is None:
            return ranking
        return of_kept_traces(ranking, requests, traced.ids, incident, during)
    if requests is not None and requests["upstream_addr"].null_count() < requests.height:
        return rank_upstreams(requests, during, incident.baseline, kind=kind)
    return pl.DataFrame(schema=DEPENDENCIES)
