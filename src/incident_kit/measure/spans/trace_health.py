"""Report how complete traces are, and whether they represent all requests of the log."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.requests.status_meaning import SERVER_ERROR
from incident_kit.measure.spans.clock_skew import clock_skew
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_tree import span_tree
from incident_kit.schema import REQUESTS, SPANS, AnyFrame, conform, empty

# If this share of the log's requests has a trace, the others are only the edges of the file.
COMPLETE = 0.99
# The slowest twentieth. A tail sampler keeps slow and failed traces more often than others.
SLOW_QUANTILE = 0.95


@dataclass(frozen=True)
class TraceHealth:
    """Result of `trace_health`.

    `incomplete_traces` lack a span that another span names as its parent; `orphans` are the spans that name
    it. `duplicates` are deliveries beyond the first. `clocks` is the table of `clock_skew`. `coverage` has
    one row for each route: [route, requests, traced, share, low, high]. `joined` is the share of the log's
    requests that have a trace. `sampling` is "whole", "head" (traces are kept by chance), "tail" (failed and
    slow traces are kept more often) or None without a log.
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
        """Pairs of hosts whose clocks disagree."""
        return self.clocks.filter(pl.col("skew_ms") != 0)


def trace_health(spans: AnyFrame, requests: AnyFrame | None = None) -> TraceHealth:
    """Return how complete the traces are and, given a log's REQUESTS, which requests they represent.

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
        clocks=clock_skew(tree),
        coverage=_coverage(traced),
        joined=traced["traced"].cast(pl.Float64).mean() if traced.height else None,  # type: ignore[arg-type]
        sampling=_sampling(traced),
    )


def _traced(spans: pl.DataFrame, requests: AnyFrame | None) -> pl.DataFrame:
    """Return the requests with `traced`: whether their trace is among the spans."""
    log = empty(REQUESTS) if requests is None else conform(requests, REQUESTS)
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
    """Return how traces were sampled.

    Only a sampler that knows how a trace ends (a tail sampler) can keep the failed and slow ones more often.
    """
    if traced.is_empty():
        return None
    if traced["traced"].sum() >= COMPLETE * traced.height:
        return "whole"
    slow = pl.col("duration_ms") > pl.col("duration_ms").quantile(SLOW_QUANTILE)
    notable = (pl.col("status") >= SERVER_ERROR).fill_null(value=False) | slow.fill_null(value=False)
    kinds = traced.group_by(notable=notable).agg(pl.len(), pl.col("traced").sum()).sort("notable")
    if kinds.height == 1:
        return "head"
    low, high = wilson(kinds["traced"].to_numpy(), kinds["len"].to_numpy())
    return "tail" if low[1] > high[0] else "head"
