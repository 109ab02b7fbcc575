"""The messages in which failed spans say why they failed.

Example: the client span of a call has `exception.type` ConnectionError and `exception.message` "10.0.0.7:5432
refused", so its message is "ConnectionError: 10.0.0.7:5432 refused".
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.linked_spans import CALLING_KINDS
from incident_kit.measure.requests.error_messages import said
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree
from incident_kit.schema import attribute

TYPES = ("error.type", "exception.type", "error.kind", "error.class", "/error/name")
MESSAGES = (
    "exception.message", "otel.status_description", "error.message", "error.msg", "grpc.error_message",
    "/error/message", "error",
)  # fmt: skip
"""Attributes that name a failure and tell of it, the best first: OpenTelemetry's, then those of OpenTracing,
New Relic, Google and Datadog, gRPC and Zipkin."""

MARK = r'"/?(?:error\b|exception\b|grpc\.error|otel\.status_description)'
"""Any of those names. Most spans have none, and one search for all is quicker than one for each."""


def failure_messages(spans: AnySpans) -> pl.DataFrame:
    """Return what each failed request says of its failure, by time: one row for each request and message.

    Columns: `trace_id`, `start` (of the request), `service` (which says it), `callee` (if its span is a call
    of a known peer), `message` (its first line). The message is that of a failed span below which no failed
    span has one; the last three are null for a request that says nothing.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    failed = has_failed(tree.spans)
    requests = tree.spans[tree.roots[failed[tree.roots]]].select("trace_id", "start")
    rows = np.flatnonzero(
        failed & tree.spans["attributes"].str.contains(MARK).fill_null(value=False).to_numpy()
    )
    saying = tree.spans[rows].select(
        "trace_id",
        "service",
        failure_message(),
        callee=pl.when(pl.col("kind").is_in(CALLING_KINDS)).then("peer"),
        row=pl.Series(rows),
    )
    deepest = _without_saying_children(tree, saying.drop_nulls("message"))
    told = deepest.select("trace_id", "service", "callee", "message").unique(maintain_order=True)
    return requests.join(told, on="trace_id", how="left").sort("start", "trace_id", maintain_order=True)


def failure_message() -> pl.Expr:
    """Return the expression on SPANS for the first line of what a span says of its failure, else null."""
    named, told = (pl.coalesce(said(attribute(name)) for name in names) for names in (TYPES, MESSAGES))
    short = named.str.extract(r"([^.:/]+)$")
    both = pl.when(told.str.contains(short, literal=True)).then(told).otherwise(named + ": " + told)
    return pl.coalesce(both, told, named).alias("message")


def _without_saying_children(tree: SpanTree, saying: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of spans of which no child says anything itself."""
    rows: Rows = saying["row"].to_numpy()
    parents = tree.parent[rows]
    has_saying_child = np.zeros(tree.spans.height, dtype=bool)
    has_saying_child[parents[parents != NO_PARENT]] = True
    return saying.filter(pl.Series(~has_saying_child[rows]))
