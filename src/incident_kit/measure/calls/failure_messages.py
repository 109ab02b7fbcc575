"""The messages in which failed spans say why they failed.

Example: the client span of a call has `exception.type` ConnectionError and `exception.message` "10.0.0.7:5432
refused", so its message is "ConnectionError: 10.0.0.7:5432 refused".
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.requests.error_messages import said
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.schema import attribute

TYPES = ("error.type", "exception.type", "error.kind")
MESSAGES = ("exception.message", "otel.status_description", "error.message", "error.msg", "error")
"""Attributes that name a failure and tell of it: OpenTelemetry's, then older ones of OpenTracing, Zipkin and
Datadog; the best first."""

MARK = r'"(?:error|exception|otel\.status_description)\b'
"""Any of those names. Most spans have none, and one search for all is quicker than one for each."""


def failure_message() -> pl.Expr:
    """Return the expression on SPANS for the first line of what a span says of its failure, else null."""
    named, told = (pl.coalesce(said(attribute(name)) for name in names) for names in (TYPES, MESSAGES))
    short = named.str.extract(r"([^.:/]+)$")
    both = pl.when(told.str.contains(short, literal=True)).then(told).otherwise(named + ": " + told)
    return pl.coalesce(both, told, named).alias("message")


def failures_that_say_why(tree: SpanTree, failed: Bools) -> pl.DataFrame:
    """Return the failed spans with a message below which no failed span has one: where failures began.

    Columns: `row` of the span in the tree, `trace` number, `message`.
    """
    may_say = failed & tree.spans["attributes"].str.contains(MARK).fill_null(value=False).to_numpy()
    rows = np.flatnonzero(may_say)
    messages = tree.spans[rows].select(row=pl.Series(rows), message=failure_message()).drop_nulls("message")
    saying = messages["row"].to_numpy()
    parents = tree.parent[saying]
    below_says = np.zeros(tree.spans.height, dtype=bool)
    below_says[parents[parents != NO_PARENT]] = True
    return messages.with_columns(trace=pl.Series(tree.trace[saying])).filter(pl.Series(~below_says[saying]))
