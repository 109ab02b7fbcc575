"""Require that a cause named by traces, and its rivals, lie on the path of the requests that went bad.

Example: only `GET /cart` went bad, and its traces pass through web, cart and redis. A service `mail` that
slowed down at the same time is elsewhere, so it is no cause.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.diagnosis.causes.dependencies import Ranking
from incident_kit.diagnosis.causes.endpoint_keys import endpoint_key
from incident_kit.diagnosis.causes.not_in_traces import CONCERNED
from incident_kit.diagnosis.causes.objection import objected, with_objection
from incident_kit.diagnosis.causes.traced import Traced
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.samples import distinct
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

MIN_TRACES = 20
"""Among fewer traces than this, none may pass a dependency by chance. A dependency that is not seen in them
cannot be stated, but remains a rival."""

MANY_TRACES = 300
"""Among this many traces one surely passes a dependency that one request in a hundred needs. If there are
fewer, as in the samples that a rollup keeps, other traces of the same endpoints are looked at as well."""

ELSEWHERE = "the requests that went bad do not pass through it"
NOT_SEEN = "none of the few traces of the requests that went bad passes through it"
OTHERS_TRACES = "no request of the log that went bad has a trace here"
"""The objections to a cause that traces name; the last one applies to any cause."""


@dataclass(frozen=True)
class BadRequestPath:
    """The dependencies in the traces that the requests which went bad never pass through.

    `elsewhere` are surely not passed. `unseen` are not passed by the traces at hand, which are too few to
    tell. `objection` is what speaks against any cause.
    """

    elsewhere: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    objection: str | None = None

    def passes(self, name: str) -> bool:
        """Return whether requests that went bad may pass through a dependency."""
        return name not in self.elsewhere

    def with_objections(self, ranking: Ranking) -> pl.DataFrame:
        """Return the ranking's table, with an objection to dependencies that changed elsewhere."""
        if self.objection is not None:
            return with_objection(ranking.table, self.objection)
        changed = pl.col("name").is_in([name for name in self.elsewhere if ranking.pieces.get(name)])
        table = objected(ranking.table, ELSEWHERE, changed)
        not_seen = not table.filter("stated", pl.col("name").is_in(list(self.unseen))).is_empty()
        return with_objection(table, NOT_SEEN) if not_seen else table


UNKNOWN_PATH = BadRequestPath()
"""The path if nothing tells which requests went bad."""


def bad_request_path(
    rollup: Rollup, logged: pl.DataFrame, traced: Traced, incident: Incident
) -> BadRequestPath:
    """Return the path of the endpoints that went bad.

    The traces may lie in any window, because in the incident calls may be missing. If log and traces share
    neither trace ids nor endpoints, the log's own ids decide: if it has any, the traces are of other
    requests. `logged` are the requests of the log, or those that its rollup keeps: [trace_id, method, route].
    """
    went_bad = _endpoints(rollup, incident)
    ids = logged.join(went_bad, on=ENDPOINT, how="semi", nulls_equal=True)["trace_id"].drop_nulls().unique()
    traces = ids.filter(ids.is_in(traced.ids.implode()))
    if traces.is_empty():
        traces = _of_endpoints(went_bad, traced)
        if traces.is_empty():
            return UNKNOWN_PATH if ids.is_empty() else BadRequestPath(objection=OTHERS_TRACES)
    elif len(traces) < MANY_TRACES:
        known = traced.requests.filter(pl.col("trace_id").is_in(traces.implode()))
        traces = pl.concat([traces, _of_endpoints(known.select(*ENDPOINT), traced)])
    elsewhere = _elsewhere(traced, traces)
    return BadRequestPath(elsewhere) if len(traces) >= MIN_TRACES else BadRequestPath(unseen=elsewhere)


def _endpoints(rollup: Rollup, incident: Incident) -> pl.DataFrame:
    """Return the endpoints with a large share of the bad requests (at least CONCERNED)."""
    during = incident.during(rollup.meta.last)
    counts = bad_counts(rollup, incident.slo).filter(during.covers("time"), pl.col("bad") > 0)
    went_bad = counts.group_by(*ENDPOINT).agg(pl.col("bad").sum())
    return went_bad.filter(pl.col("bad") >= CONCERNED * pl.col("bad").sum())


def _of_endpoints(endpoints: pl.DataFrame, traced: Traced) -> pl.Series:
    """Return the ids of the traces of these endpoints."""
    keys = endpoints.select(key=endpoint_key()).unique()
    return traced.requests.with_columns(key=endpoint_key()).join(keys, on="key", how="semi")["trace_id"]


def _elsewhere(traced: Traced, traces: pl.Series) -> frozenset[str]:
    """Return the services and callees that occur in other traces only."""
    tree, calls = traced.tree, traced.calls()
    theirs = np.zeros(len(tree.roots), dtype=bool)
    theirs[tree.trace[tree.roots]] = traced.ids.is_in(traces.implode()).to_numpy()
    (named, names), callees = tree.named, calls.pairs["callee"]
    seen = names["service"].gather(distinct(named[theirs[tree.trace]]))
    called = callees.gather(distinct(calls.pair[theirs[tree.trace[calls.call]]]))
    return frozenset((*names["service"], *callees)) - {None, *seen, *called}
