"""Spans as a table in which each knows its parent, its segment, and what it can tell of calls."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.calls.failed_spans import outcomes
from incident_kit.measure.spans.parent_rows import Rows, highest
from incident_kit.measure.spans.span_tree import Flags, SpanTree

CALLING_KINDS = ["client", "producer"]

SERVING_KINDS = ["server", "consumer"]

NS_PER_MS = 1e6

UNKNOWN = "(unknown)"
"""The service of spans that name none."""


def linked_spans(tree: SpanTree) -> pl.DataFrame:
    """Return one row a span of the tree, in its order.

    Columns: service, name, peer, operation (name and route; GET is many), attributes, calling (client
    or producer), unlabelled (no kind), failed, answered (the span itself says that it was), trace, start, end
    (ns), parent (row, -1 without one), waits (the parent does), segment (row of its entry), entry (it is).
    """
    top = _entries(tree)
    return tree.spans.select(
        # In one piece, for it is looked up row by row: of several each look-up would first find its own.
        tree.spans["service"].fill_null(UNKNOWN).rechunk(),
        "name",
        "peer",
        pl.concat_str("name", "route", separator=" ", ignore_nulls=True).alias("operation"),
        "attributes",
        pl.Series("calling", tree.of_kind(*CALLING_KINDS)),
        pl.col("kind").is_null().alias("unlabelled"),
        *outcomes(tree.spans),
        pl.Series("trace", tree.trace),
        pl.Series("start", tree.start),
        pl.Series("end", tree.end),
        pl.Series("parent", tree.parent),
        pl.Series("waits", tree.waits),
        pl.Series("segment", top),
        pl.Series("entry", top == np.arange(len(top))),
    )


def _entries(tree: SpanTree) -> Rows:
    """Return for each span the row of its segment's entry."""
    return highest(tree.parent, _is_local(tree))


def _is_local(tree: SpanTree) -> Flags:
    """Whether a span works in its parent's segment."""
    # A service that calls itself over the network begins a new segment.
    local: Flags = ~tree.remote & ~(tree.of_kind(*SERVING_KINDS) & tree.below(*CALLING_KINDS))
    return local
