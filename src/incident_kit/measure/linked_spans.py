"""Spans as a table in which each knows its parent, its segment, and what it can tell of calls."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.parent_rows import Rows
from incident_kit.measure.span_tree import Flags, SpanTree

CALLING_KINDS = ["client", "producer"]

SERVING_KINDS = ["server", "consumer"]

MAX_DOUBLINGS = 24
"""Pointer doublings until every span knows its entry: 2^24 levels."""

NS_PER_MS = 1e6

SERVER_ERROR = 500
"""The least HTTP status that says the server failed, also where the span's own status is unset."""

UNKNOWN = "(unknown)"
"""The service of spans that name none."""


def linked_spans(tree: SpanTree) -> pl.DataFrame:
    """Return one row a span of the tree, in its order.

    Columns: service, name, peer, attributes, calling (client or producer), unlabelled (no kind), failed,
    trace, start, end (ns), parent (row, -1 without one), waits (the parent does), segment (row of its
    entry), entry (it is one).
    """
    kind, top = pl.col("kind"), _entries(tree)
    failed = (pl.col("status") == "error") | (pl.col("http_status") >= SERVER_ERROR)
    return tree.spans.select(
        pl.col("service").fill_null(UNKNOWN),
        "name",
        "peer",
        "attributes",
        kind.is_in(CALLING_KINDS).fill_null(value=False).alias("calling"),
        kind.is_null().alias("unlabelled"),
        failed.fill_null(value=False).alias("failed"),
        pl.Series("trace", tree.trace),
        pl.Series("start", tree.start),
        pl.Series("end", tree.end),
        pl.Series("parent", tree.parent),
        pl.Series("waits", tree.waits),
        pl.Series("segment", top),
        pl.Series("entry", top == np.arange(len(top))),
    )


def _entries(tree: SpanTree) -> Rows:
    """Return for each span the row of its segment's entry, by pointer doubling."""
    top = np.where(_is_local(tree), tree.parent, np.arange(len(tree.parent)))
    for _ in range(MAX_DOUBLINGS):
        higher = top[top]
        if np.array_equal(higher, top):
            break
        top = higher
    return top


def _is_local(tree: SpanTree) -> Flags:
    """Whether a span works in its parent's segment."""
    # A service that calls itself over the network begins a new segment.
    serves = tree.spans["kind"].is_in(SERVING_KINDS).fill_null(value=False).to_numpy()
    local: Flags = ~tree.remote & ~(serves & tree.below(CALLING_KINDS))
    return local
