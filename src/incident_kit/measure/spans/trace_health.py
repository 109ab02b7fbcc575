"""What traces there are, how whole they are, and whether they stand for all requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.spans.clock_skew import clock_skew
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_tree import span_tree
from incident_kit.schema import REQUESTS, SPANS, conform

# So many of the log's requests have a trace that the rest are the file's edges.
WHOLE = 0.99
# The slowest twentieth: a tail sampler keeps those, and the failed, more often than the others.
SLOW_QUANTILE = 0.95
SERVER_ERROR = 500


@dataclass(frozen=True)
class TraceHealth:
    """What `trace_health` found.

    `incomplete_traces` lack a span that another names as its parent; `orphans` are those others;
    `duplicates` are deliveries beyond the first. `clocks` is `clock_skew`'s table. `coverage` is one row a
    route: [route, requests, traced, share, low, high]. `sampling` is "whole", "head" (traces are kept by
    chance), "tail" (failed and slow ones are kept rather) or None where there is no log to tell from.
    """

    spans: int
    traces: int
    incomplete_traces: int
    orphans: int
    duplicates: int
    clocks: pl.DataFrame = field(repr=False)
    coverage: pl.DataFrame = field(repr=False)
    joined: float | None
    sampling: str | None

    @property
    def skewed(self) -> pl.DataFrame:
        """The pairs of hosts whose clocks disagree."""
        return self.clocks.filter(pl.col("skew_ms") != 0)


def trace_health(spans: Any, requests: Any = None) -> TraceHealth:
    """Return how whole the traces are and, beside a log's REQUESTS, for which requests they stand.

    Raises
    ------
    SchemaError
        If the spans lack trace_id, span_id, start or duration_ms.
    """
    given = conform(spans, SPANS)
    tree = span_tree(given)
    named = tree.spans["parent_span_id"].is_not_null().to_numpy()
    orphans = tree.spans.filter(pl.Series((tree.parent == NO_PARENT) & named))
    traced = _traced(given, requests)
    return TraceHealth(
        spans=tree.spans.height,
        traces=tree.spans["trace_id"].n_unique(),
        incomplete_traces=orphans["trace_id"].n_unique(),
        orphans=orphans.height,
        duplicates=given.height - tree.spans.height,
        clocks=clock_skew(given),
        coverage=_coverage(traced),
        joined=traced["traced"].cast(pl.Float64).mean() if traced.height else None,  # type: ignore[arg-type]
        sampling=_sampling(traced),
    )


def _traced(spans: pl.DataFrame, requests: Any) -> pl.DataFrame:
    """Return the requests with `traced`: whether their trace is among the spans."""
    log = (
        conform(requests, REQUESTS)
        if requests is not None
        else conform(pl.DataFrame({"status": []}), REQUESTS)
    )
    known = spans["trace_id"].unique().implode()
    return log.select(
        "route", "status", "duration_ms", traced=pl.col("trace_id").is_in(known).fill_null(value=False)
    )


def _coverage(traced: pl.DataFrame) -> pl.DataFrame:
    routes = traced.group_by("route").agg(requests=pl.len(), traced=pl.col("traced").sum())
    low, high = wilson(routes["traced"].to_numpy(), routes["requests"].to_numpy())
    return routes.with_columns(
        share=pl.col("traced") / pl.col("requests"), low=pl.Series(low), high=pl.Series(high)
    ).sort("requests", "route", descending=[True, False])


def _sampling(traced: pl.DataFrame) -> str | None:
    """Return how traces were chosen: to keep the failed and slow, a sampler has to know their end."""
    if traced.is_empty():
        return None
    if traced["traced"].sum() >= WHOLE * traced.height:
        return "whole"
    slow = pl.col("duration_ms") > pl.col("duration_ms").quantile(SLOW_QUANTILE)
    notable = (pl.col("status") >= SERVER_ERROR).fill_null(value=False) | slow.fill_null(value=False)
    kinds = traced.group_by(notable=notable).agg(pl.len(), pl.col("traced").sum()).sort("notable")
    if kinds.height == 1:
        return "head"
    low, high = wilson(kinds["traced"].to_numpy(), kinds["len"].to_numpy())
    return "tail" if low[1] > high[0] else "head"
