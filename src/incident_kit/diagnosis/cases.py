"""Gather the tables about each incident, and number the incidents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl

from incident_kit.diagnosis.attributes.contrasts import attribute_shares
from incident_kit.diagnosis.attributes.explanation import explanation
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.failing_outside import failures_not_in_traces
from incident_kit.diagnosis.causes.not_in_traces import NotInTraces
from incident_kit.diagnosis.causes.outside_traces import time_not_in_traces
from incident_kit.diagnosis.causes.ranking import ranking_of
from incident_kit.diagnosis.causes.traced import Traced, no_calls
from incident_kit.diagnosis.causes.unlogged_requests import unlogged_requests
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.detection.latency_shifts import latency_shifts
from incident_kit.diagnosis.doubts.objections import with_doubts
from incident_kit.diagnosis.endpoints import endpoint_shares
from incident_kit.diagnosis.events import Event
from incident_kit.diagnosis.exemplars import EXEMPLARS, exemplars
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import TIME_US
from incident_kit.slo import Targets

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
    """Gather the tables about one incident."""
    during = incident.during(rollup.meta.last)
    not_in_traces = _not_in_traces(incident, rollup, requests, traced)
    # The ranking reads the spans in a thread, while the requests give all other tables.
    with ThreadPoolExecutor(1) as executor:
        ranking = executor.submit(ranking_of, incident, rollup, requests, traced, not_in_traces)
        endpoints = endpoint_shares(rollup, incident)
        quantiles = latency_shifts(rollup, requests, incident, targets.latency_quantile)
        attributes = attribute_shares(rollup if requests is None else requests, incident)
        released = [] if traced is None else traced.releases
    case = Case(
        incident=incident,
        during=during,
        targets=targets,
        rollup=rollup,
        endpoints=endpoints,
        quantiles=quantiles,
        dependencies=ranking.result().table,
        pieces=ranking.result().pieces,
        attributes=attributes,
        calls=no_calls() if traced is None else traced.calls(),
        requests=requests,
        not_in_traces=not_in_traces,
        releases=released,
        tree=None if traced is None else traced.tree,
        events=events,
    )
    return with_doubts(case)


def _not_in_traces(
    incident: Incident, rollup: Rollup, requests: pl.DataFrame | None, traced: Traced | None
) -> NotInTraces | None:
    """Return why the traces do not show an incident of a log, if so; None without a log."""
    if traced is None or requests is traced.requests:
        return None
    during = incident.during(rollup.meta.last)
    if incident.kind == "outage":
        return unlogged_requests(rollup, traced.requests, incident, during)
    if incident.indicator == "latency":
        return time_not_in_traces(rollup, requests, traced.requests, incident, during)
    return failures_not_in_traces(rollup, requests, traced, incident, during)


def incidents_frame(cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per incident, in the order of time."""
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
    """Stack the tables of all incidents, with the number of the incident as the first column."""
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
