"""Services that record nothing, and yet are seen: one call is answered by several services.

Whoever calls one of them measures its whole work, and the spans of those that it calls in turn stand right
below that call. Without a place of its own its time would be taken for that of the ways to them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.span_tree import SpanTree

HOST = pl.col("peer").str.extract(r"^([^.:/]+)")
"""The first label of an address: `payments.shop.svc:8080` is that of payments."""

NAMELESS = pl.format("what {} calls as {}", "service", pl.col("name").fill_null("?"))


def with_hidden_services(tree: SpanTree) -> tuple[SpanTree, Rows]:
    """Return the tree with a span for every hidden service, last, and the rows of the calls to them.

    The span is as long as the call, and its service is whom that names as its peer, if anybody.
    """
    answers = tree.waits & tree.remote & tree.below("client")
    calls = _answered_by_several(tree, answers)
    if not len(calls):
        return tree, calls
    place = np.full(len(tree.parent), -1)
    place[calls] = len(tree.parent) + np.arange(len(calls))
    behind = answers & (place[tree.parent] >= 0)
    # Chosen by a mask, which is quicker than to look up rows of many chunks; and put into one more.
    spans = (
        tree.spans.filter(place >= 0)
        .rechunk()
        .with_columns(
            pl.concat_str("span_id", pl.lit("'")).alias("span_id"),
            pl.col("span_id").alias("parent_span_id"),
            pl.coalesce("peer", NAMELESS).alias("service"),
            pl.lit("server").alias("kind"),
            pl.lit(None, pl.String).alias("peer"),
        )
    )
    added = SpanTree(
        pl.concat([tree.spans, spans]),
        np.append(np.where(behind, place[tree.parent], tree.parent), calls),
        np.append(tree.waits, np.ones(len(calls), dtype=bool)),
        np.append(tree.start, tree.start[calls]),
        np.append(tree.end, tree.end[calls]),
    )
    return added, calls


def _answered_by_several(tree: SpanTree, answers: Bools) -> Rows:
    """Return the rows of calls with spans of several services below them, none of which is whom they name."""
    rows = np.flatnonzero(answers)
    call, service = tree.parent[rows], tree.service[rows]
    who = np.zeros(len(tree.parent), dtype=np.uint64)
    several, known = np.zeros(len(who), dtype=bool), np.zeros(len(who), dtype=bool)
    who[call] = service  # any of those that answer
    several[call[service != who[call]]] = True
    calls = np.flatnonzero(several)
    who[calls] = tree.spans.select("peer")[calls].select(HOST.hash()).to_series().to_numpy()
    known[call[service == who[call]]] = True
    return calls[~known[calls]]
