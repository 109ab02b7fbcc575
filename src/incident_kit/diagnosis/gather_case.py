"""Gather the tables about one incident, in parallel where they do not need each other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from incident_kit.diagnosis.attributes.contrasts import attribute_shares
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
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets


def gather_case(
    incident: Incident,
    *,
    targets: Targets,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    traced: Traced | None,
    events: Sequence[Event],
) -> Case:
    """Gather the tables about one incident."""
    not_in_traces = _not_in_traces(incident, rollup, requests, traced)
    # The ranking reads the spans in a thread, while the requests give all other tables.
    with ThreadPoolExecutor(1) as executor:
        ranking = executor.submit(ranking_of, incident, rollup, requests, traced, not_in_traces)
        endpoints = endpoint_shares(rollup, incident)
        quantiles = latency_shifts(rollup, requests, incident, targets.latency_quantile)
        asked = None if traced is None else traced.asked
        attributes = attribute_shares(rollup if requests is None else requests, incident, asked)
        released = () if traced is None else traced.releases
        switched = () if traced is None else traced.flag_changes
    case = Case(
        incident=incident,
        during=incident.during(rollup.meta.last),
        targets=targets,
        rollup=rollup,
        endpoints=endpoints,
        quantiles=quantiles,
        attributes=attributes,
        dependencies=ranking.result().table,
        pieces=ranking.result().pieces,
        calls=no_calls() if traced is None else traced.calls(),
        requests=requests,
        not_in_traces=not_in_traces,
        releases=released,
        flag_changes=switched,
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
