"""Rank the dependencies of an incident from the input at hand: traces, or a proxy's log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import polars as pl

from incident_kit.diagnosis.causes.bad_request_path import bad_request_path
from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES, Ranking, ranked_dependencies
from incident_kit.diagnosis.causes.kept_traces import qualify_for_sampling
from incident_kit.diagnosis.causes.not_in_traces import NotInTraces
from incident_kit.diagnosis.causes.objection import with_objection
from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.causes.upstreams import rank_upstreams
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.calls.awaited import awaited
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.window import Window


def ranking_of(
    incident: Incident,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    traced: Traced | None,
    not_in_traces: NotInTraces | None,
) -> Ranking:
    """Rank by the spans; where they are none, or show nothing, by what the log says of its upstreams.

    `not_in_traces`: why the traces do not show the incident, if they do not. What is proven to lie outside
    the traces may still lie within the log's own two levels, the request and its attempts upstream.
    """
    during = incident.during(rollup.meta.last)
    if traced is None:
        return Ranking(_of_upstreams(incident, requests, during), {})
    if not_in_traces is not None and not_in_traces.proof is not None and incident.kind != "outage":
        logged = _of_upstreams(incident, requests, during)
        if not logged.is_empty():
            return Ranking(logged, {})
    ranking = _of_traces(incident, rollup, requests, traced, during)
    if not_in_traces is not None:
        return ranking._replace(table=with_objection(ranking.table, not_in_traces.objection))
    if requests is None:
        return ranking
    table = qualify_for_sampling(ranking.table, requests, traced.ids, incident, during)
    return ranking._replace(table=table)


def _of_traces(
    incident: Incident, rollup: Rollup, requests: pl.DataFrame | None, traced: Traced, during: Window
) -> Ranking:
    """Return the ranking by the spans, with what is said of the path of the bad requests."""
    logged = rollup.exemplars if requests is None else requests
    # A second thread finds the path, because the ranking asks for it only after it has all evidence.
    with ThreadPoolExecutor(1) as executor:
        path = executor.submit(bad_request_path, rollup, logged, traced, incident)
        ranking = ranked_dependencies(
            awaited(traced.tree),
            during,
            incident.baseline,
            kind=_kind(incident),
            calls=traced.failed_calls,
            possible=lambda name: path.result().passes(name),
        )
    return ranking._replace(table=path.result().with_objections(ranking))


def _of_upstreams(incident: Incident, requests: pl.DataFrame | None, during: Window) -> pl.DataFrame:
    """Return the ranking of a log's upstreams; an empty one if it names none."""
    if requests is None or requests["upstream_addr"].null_count() == requests.height:
        return pl.DataFrame(schema=DEPENDENCIES)
    return rank_upstreams(requests, during, incident.baseline, kind=_kind(incident))


def _kind(incident: Incident) -> Literal["errors", "latency"]:
    """Return which excess is divided; all but slow requests are counted like failed ones."""
    return "latency" if incident.indicator == "latency" else "errors"
