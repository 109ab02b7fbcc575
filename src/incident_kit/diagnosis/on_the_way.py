"""A cause that traces name must lie on the way of the requests that went bad in the log."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.incident import Incident
from incident_kit.diagnosis.traced import Traced
from incident_kit.measure.bad_requests import bad_counts
from incident_kit.measure.rollup import Rollup
from incident_kit.measure.rollup_tables import ENDPOINT

CONCERNED = 0.1
"""An endpoint with a smaller share of the bad requests is not what the incident is about."""

LEAST_TRACES = 20
"""Of fewer traces none may pass a dependency by chance."""


def on_the_way(
    ranking: pl.DataFrame, rollup: Rollup, logged: pl.DataFrame, traced: Traced, incident: Incident
) -> pl.DataFrame:
    """Return a ranking of dependencies with none stated that the bad requests never pass through.

    Those are the requests of the endpoints that went bad, in any window: in the incident itself, calls to
    what is gone are missing. Where log and traces share neither trace ids nor endpoints, the log's own ids
    decide: if it has any, the traces are of something else.

    `logged` are the requests of the log, or those that its rollup keeps: [trace_id, method, route].
    """
    stated = ranking.filter("stated")
    if stated.is_empty():
        return ranking
    went_bad = _endpoints(rollup, incident)
    ids = logged.join(went_bad, on=list(ENDPOINT), how="semi")["trace_id"].drop_nulls().unique()
    objection = _objection(str(stated["name"][0]), ids, went_bad, traced)
    return ranking if objection is None else doubted(ranking, objection)


def doubted(ranking: pl.DataFrame, objection: str) -> pl.DataFrame:
    """Return a ranking of dependencies with none stated, and why."""
    said = pl.concat_str("evidence", pl.lit(f"; but {objection}"))
    return ranking.with_columns(
        evidence=pl.when("stated").then(said).otherwise("evidence"), stated=pl.lit(value=False)
    )


def _endpoints(rollup: Rollup, incident: Incident) -> pl.DataFrame:
    """Return the endpoints of most bad requests."""
    during = incident.during(rollup.meta.last)
    counts = bad_counts(rollup, incident.slo).filter(during.covers("time"), pl.col("bad") > 0)
    went_bad = counts.group_by(*ENDPOINT).agg(pl.col("bad").sum())
    return went_bad.filter(pl.col("bad") >= CONCERNED * pl.col("bad").sum())


def _objection(name: str, logged: pl.Series, endpoints: pl.DataFrame, traced: Traced) -> str | None:
    """Return what speaks against the bad requests passing through a dependency, if anything does."""
    traces = logged.filter(logged.is_in(traced.ids.implode()))
    if traces.is_empty():
        traces = traced.requests.join(endpoints, on=list(ENDPOINT), how="semi")["trace_id"]
        if traces.is_empty():
            return None if logged.is_empty() else "no request of the log that went bad has a trace here"
    if len(traces) < LEAST_TRACES:
        return None
    seen = _through_spans(name, traced)
    if traces.is_in(seen.implode()).any():
        return None
    called = traced.calls().filter(pl.col("callee") == name)["trace_id"]
    passes = traces.is_in(called.implode()).any() or (seen.is_empty() and called.is_empty())
    return None if passes else "the requests that went bad do not pass through it"


def _through_spans(name: str, traced: Traced) -> pl.Series:
    """Return the ids of the traces in which a service has spans."""
    tree = traced.tree
    passing = np.zeros(len(tree.roots), dtype=bool)
    passing[tree.trace[(tree.spans["service"] == name).arg_true()]] = True
    return traced.ids.filter(passing[tree.trace[tree.roots]])
