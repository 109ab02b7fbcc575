"""Measure which services' failures fail requests: single points of failure, and harmless dependencies."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.arrays.intervals import wilson
from incident_kit.measure.calls.calls import calls_table
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.tree_calls import tree_calls
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree

# Shares from which a service's failure nearly always fails the request, and up to which it nearly never does.
NEARLY_ALWAYS = 0.9
NEARLY_NEVER = 0.1
# A verdict needs an interval that excludes one half, because a single failure proves nothing.
EVEN = 0.5


def failure_impact(
    spans: AnySpans, calls: pl.DataFrame | None = None, *, service: str | None = None
) -> pl.DataFrame:
    """Return, for every service and dependency except the entry, how often its failure fails the request.

    One row for each service: `service`, `kind`, `requests` (traces that reach it), `failures` (traces in
    which it fails), `root_failures` (the traces among them whose root fails), `root_fails` (their share),
    `low`, `high` (Wilson, 95 %), `verdict`: "single point of failure", "fallback at work" (it fails without
    harm), "partial", "not enough data", or null if nothing failed. The most harmful come first. `calls` may
    be the table that `ik.calls` made of these spans, to avoid making it again. `service` restricts the result
    to one service.
    """
    tree = span_tree(spans)
    roots = tree.spans[tree.roots]
    trace = pl.col("trace_id").hash(seed=1).alias("trace")
    fate = roots.select(trace, entry="service", root_failed=pl.Series(has_failed(roots)))
    made = calls_table(tree_calls(tree)) if calls is None else calls
    by_trace = _reached(tree, made, trace, service).join(fate, on="trace")
    impact = (
        by_trace.filter(pl.col("service") != pl.col("entry"))
        .group_by("service")
        .agg(
            pl.col("kind").mode().sort().first(),
            requests=pl.len(),
            failures=pl.col("failed").sum(),
            root_failures=(pl.col("failed") & pl.col("root_failed")).sum(),
        )
    )
    low, high = wilson(impact["root_failures"].to_numpy(), impact["failures"].to_numpy())
    share = pl.when(pl.col("failures") > 0).then(pl.col("root_failures") / pl.col("failures"))
    return (
        impact.with_columns(share.alias("root_fails"), low=pl.Series(low), high=pl.Series(high))
        .with_columns(_verdict())
        .sort("root_failures", "failures", "service", descending=[True, True, False])
    )


def _reached(tree: SpanTree, calls: pl.DataFrame, trace: pl.Expr, service: str | None) -> pl.DataFrame:
    """Return [service, trace, kind, failed] of all that a trace reaches, with the most frequent kind."""
    own = tree.spans.select(
        trace, "service", kind=pl.lit("service"), failed=pl.Series(has_failed(tree.spans))
    )
    called = calls.select(trace, "kind", "failed", service="callee")
    asked = pl.lit(value=True) if service is None else pl.col("service") == service
    return (
        pl.concat([own.filter(asked), called.select(own.columns).filter(asked)])
        .group_by("service", "trace", "kind")
        .agg(pl.len(), pl.col("failed").any())
        .sort("len", "kind", descending=[True, False])
        .group_by("service", "trace")
        .agg(pl.col("kind").first(), pl.col("failed").any())
    )


def _verdict() -> pl.Expr:
    always = (pl.col("root_fails") >= NEARLY_ALWAYS) & (pl.col("low") > EVEN)
    never = (pl.col("root_fails") <= NEARLY_NEVER) & (pl.col("high") < EVEN)
    undecided = (pl.col("root_fails") >= NEARLY_ALWAYS) | (pl.col("root_fails") <= NEARLY_NEVER)
    return (
        pl.when(pl.col("failures") == 0)
        .then(None)
        .when(always)
        .then(pl.lit("single point of failure"))
        .when(never)
        .then(pl.lit("fallback at work"))
        .when(undecided)
        .then(pl.lit("not enough data"))
        .otherwise(pl.lit("partial"))
        .alias("verdict")
    )
