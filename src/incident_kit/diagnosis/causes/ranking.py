"""Rank the dependencies of an incident from the input at hand: traces, or a proxy's log."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import polars as pl

from incident_kit.diagnosis.causes.dependencies import DEPENDENCIES, Ranking, ranked_dependencies
from incident_kit.diagnosis.causes.kept_traces import of_kept_traces
from incident_kit.diagnosis.causes.on_the_way import doubted, way_of_the_bad
from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.causes.unseen import Unseen
from incident_kit.diagnosis.causes.upstreams import rank_upstreams
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.calls.awaited import awaited
from incident_kit.measure.rollups.rollup import Rollup


def ranking_of(
    incident: Incident,
    rollup: Rollup,
    requests: pl.DataFrame | None,
    traced: Traced | None,
    unseen: Unseen | None,
) -> Ranking:
    """Rank by the spans; without spans, by what the log says of its upstreams, if anything.

    `unseen`: why the traces do not show the incident, if they do not.
    """
    during = incident.during(rollup.meta.last)
    kind: Literal["errors", "latency"] = "latency" if incident.indicator == "latency" else "errors"
    if traced is not None:
        logged = rollup.exemplars if requests is None else requests
        # A second thread finds the way, because the ranking asks for it only after it has all evidence.
        with ThreadPoolExecutor(1) as beside:
            way = beside.submit(way_of_the_bad, rollup, logged, traced, incident)
            ranking = ranked_dependencies(
                awaited(traced.tree),
                during,
                incident.baseline,
                kind=kind,
                calls=traced.failed_calls,
                possible=lambda name: way.result().passes(name),
            )
        table = way.result().said(ranking)
        if unseen is not None:
            table = doubted(table, unseen.objection)
        elif requests is not None:
            table = of_kept_traces(table, requests, traced.ids, incident, during)
        return ranking._replace(table=table)
    if requests is not None and requests["upstream_addr"].null_count() < requests.height:
        return Ranking(rank_upstreams(requests, during, incident.baseline, kind=kind), {})
    return Ranking(pl.DataFrame(schema=DEPENDENCIES), {})
