"""Reveal services that record no spans: a call that several services answer.

The spans of the services that a hidden service calls stand right below the call to it, and the call's
duration covers its whole work. Without a segment of its own, that work would count as time on the way. For
example, `web` calls the peer `gateway:80`, and right below that client span are server spans of `orders` and
`payments`. An added span of `gateway:80`, as long as the call, becomes their parent.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import SpanTree

HOST = pl.col("peer").str.extract(r"^([^.:/]+)")
"""First label of an address: `payments` for `payments.shop.svc:8080`."""

NAMELESS = pl.format("what {} calls as {}", "service", pl.col("name").fill_null("?"))


def with_hidden_services(tree: SpanTree) -> tuple[SpanTree, Rows]:
    """Return the tree with a span for every hidden service at its end, and the rows of the calls to them.

    The span is as long as the call. Its service is the call's peer, or a name made from the caller and the
    operation if there is no peer.
    """
    answers = tree.awaited & tree.remote & tree.below("client")
    calls = _answered_by_several(tree, answers)
    if not len(calls):
        return tree, calls
    place = np.full(len(tree.parent), NO_PARENT)
    place[calls] = len(tree.parent) + np.arange(len(calls))
    behind = answers & (place[tree.parent] >= 0)
    # A mask is quicker than gathering rows from many chunks.
    spans = _hidden_spans(tree.spans.filter(place >= 0))
    added = SpanTree(
        pl.concat([tree.spans, spans]),
        np.append(np.where(behind, place[tree.parent], tree.parent), calls),
        np.append(tree.awaited, np.ones(len(calls), dtype=bool)),
        np.append(tree.start, tree.start[calls]),
        np.append(tree.end, tree.end[calls]),
    )
    return added, calls


def _hidden_spans(calls: pl.DataFrame) -> pl.DataFrame:
    """Return the span of the hidden service below each call, in a single chunk."""
    return calls.rechunk().with_columns(
        pl.concat_str("span_id", pl.lit("'")).alias("span_id"),
        pl.col("span_id").alias("parent_span_id"),
        pl.coalesce("peer", NAMELESS).alias("service"),
        pl.lit("server").alias("kind"),
        pl.lit(None, pl.String).alias("peer"),
    )


def _answered_by_several(tree: SpanTree, answers: Bools) -> Rows:
    """Return the rows of calls answered by several services, none of which is the peer."""
    rows = np.flatnonzero(answers)
    call, service = tree.parent[rows], tree.service[rows]
    who = np.zeros(len(tree.parent), dtype=np.uint64)
    several, known = np.zeros(len(who), dtype=bool), np.zeros(len(who), dtype=bool)
    who[call] = service  # any one of the answering services
    several[call[service != who[call]]] = True
    calls = np.flatnonzero(several)
    who[calls] = tree.spans.select("peer")[calls].select(HOST.hash()).to_series().to_numpy()
    known[call[service == who[call]]] = True
    return calls[~known[calls]]
