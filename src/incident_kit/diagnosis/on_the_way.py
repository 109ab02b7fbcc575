"""A cause that traces name must lie on the way of the requests that went bad in the log."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.incident import Incident
from incident_kit.diagnosis.outside_traces import longer
from incident_kit.measure.bad_requests import bad
from incident_kit.measure.rollup_tables import ENDPOINT
from incident_kit.measure.root_requests import root_requests
from incident_kit.measure.span_tree import SpanTree
from incident_kit.window import Window

CONCERNED = 0.1
"""An endpoint with a smaller share of the bad requests is not what the incident is about."""

TOOK_NO_LONGER = "the requests that went bad took hardly longer in their traces"

LEAST_TRACES = 20
"""Of fewer traces none may pass a dependency by chance."""


def on_the_way(
    ranking: pl.DataFrame,
    requests: pl.DataFrame,
    tree: SpanTree,
    calls: pl.DataFrame,
    *,
    incident: Incident,
    during: Window,
) -> pl.DataFrame:
    """Return a ranking of dependencies with none stated that the bad requests never pass through.

    Those are the requests of the endpoints that went bad, in any window: in the incident itself, calls to
    what is gone are missing. `calls` are those in the tree. Where log and traces share neither trace ids nor
    endpoints, the log's own ids decide: if it has any, the traces are of something else.
    """
    stated = ranking.filter("stated")
    if stated.is_empty():
        return ranking
    told = longer(requests, tree, incident, during)
    if told is not None and told.outside:
        return doubted(ranking, TOOK_NO_LONGER)
    concerned = requests.join(_endpoints(requests, incident, during), on=list(ENDPOINT), how="semi")
    objection = _objection(str(stated["name"][0]), concerned, tree, calls)
    return ranking if objection is None else doubted(ranking, objection)


def doubted(ranking: pl.DataFrame, objection: str) -> pl.DataFrame:
    """Return a ranking of dependencies with none stated, and why."""
    said = pl.concat_str("evidence", pl.lit(f"; but {objection}"))
    return ranking.with_columns(
        evidence=pl.when("stated").then(said).otherwise("evidence"), stated=pl.lit(value=False)
    )


def _endpoints(requests: pl.DataFrame, incident: Incident, during: Window) -> pl.DataFrame:
    """Return the endpoints of most bad requests."""
    counts = requests.filter(during.covers(), bad(incident.slo)).group_by(*ENDPOINT).len()
    return counts.filter(pl.col("len") >= CONCERNED * pl.col("len").sum())


def _objection(name: str, concerned: pl.DataFrame, tree: SpanTree, calls: pl.DataFrame) -> str | None:
    """Return what speaks against the bad requests passing through a dependency, if anything does."""
    logged = concerned["trace_id"].drop_nulls().unique()
    traces = logged.filter(logged.is_in(tree.spans["trace_id"].unique().implode()))
    if traces.is_empty():
        endpoints = concerned.select(*ENDPOINT).unique()
        traces = root_requests(tree).join(endpoints, on=list(ENDPOINT), how="semi")["trace_id"]
        if traces.is_empty():
            return None if logged.is_empty() else "no request of the log that went bad has a trace here"
    through = pl.concat(
        [
            tree.spans.filter(pl.col("service") == name)["trace_id"],
            calls.filter(pl.col("callee") == name)["trace_id"],
        ]
    ).unique()
    if through.is_empty() or len(traces) < LEAST_TRACES:
        return None
    passes = traces.is_in(through.implode()).any()
    return None if passes else "the requests that went bad do not pass through it"
