"""Calls between services: a caller's span, the span that answered it, and the time between the two.

What of a call is not in the callee's span was spent on the way: network, queue, connection pool. A call that
no span answers went to something uninstrumented (a database, a third party), or was lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from incident_kit.measure.clock_skew import on_one_clock
from incident_kit.measure.parent_rows import NO_PARENT, Rows
from incident_kit.measure.span_tree import Flags, SpanTree, span_tree
from incident_kit.schema import attribute

CALLING_KINDS = ("client", "producer")
# From here on an HTTP status says that the server failed, where the span itself says nothing.
SERVER_ERROR = 500
# A client's span is in error for these too, though who answered so did not fail: the question was wrong.
# Timed out (408) and too many (429) are answers of a server that could not.
CLIENT_ERROR, SERVERS_DOING = 400, (408, 429)
SYSTEMS = {"database": ("db.system.name", "db.system"), "messaging": ("messaging.system",)}


def calls(spans: Any) -> pl.DataFrame:
    """Return one row a call, in the order of the spans.

    Columns: `trace_id`, `span_id` (the caller's span), `callee_span_id` (null if nobody answered), `caller`,
    `callee` (the answering service, else what the caller's span names), `kind` (of the callee: service,
    database, messaging or external), `operation` (the callee's, else the caller's), `start`,
    `duration_ms`, `callee_ms`, `before_ms` (from the call to the callee's start) and `after_ms` (from the
    callee's end to the call's), `gap_ms` (both together; null without an answer or for a message, which
    nobody waits for), `failed`, `callee_failed`, `retry` (the same caller's span called the same before,
    and that failed).

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    return tree_calls(on_one_clock(span_tree(spans)))


def tree_calls(tree: SpanTree) -> pl.DataFrame:
    """Return the calls in a tree of spans; see `calls`."""
    answer = np.flatnonzero(_answers(tree))
    call = tree.parent[answer]
    unanswered = np.flatnonzero(_unanswered(tree, call))
    rows = pl.concat([_answered(tree, call, answer), _blind(tree, unanswered)]).sort("row")
    return _with_learnt_callees(rows).with_columns(_is_retry()).drop("row", "within", "peer")


def has_failed(spans: pl.DataFrame) -> Flags:
    """Whether each span failed: it, or its HTTP status, says so; to refuse a wrong request is no failure."""
    status = pl.col("http_status")
    refused = status.is_between(CLIENT_ERROR, SERVER_ERROR - 1) & ~status.is_in(SERVERS_DOING)
    said = (pl.col("status") == "error") & ~refused.fill_null(value=False)
    failed = said.fill_null(value=False) | (status >= SERVER_ERROR).fill_null(value=False)
    return spans.select(failed.alias("failed")).to_series().to_numpy()


def _answers(tree: SpanTree) -> Flags:
    """Whether a span answers its parent's call: it works for another service, or serves a client span."""
    elsewhere = tree.spans["service"].ne_missing(tree.of_parent("service"))
    serves = (tree.spans["kind"] == "server") & (tree.of_parent("kind") == "client")
    answers: Flags = (elsewhere | serves.fill_null(value=False)).to_numpy() & (tree.parent != NO_PARENT)
    return answers


def _unanswered(tree: SpanTree, answered: Rows) -> Flags:
    """Whether a span is a call that nobody answered; of nested client spans the outermost is the call."""
    kind = tree.spans["kind"]
    may_call = kind.is_in(CALLING_KINDS).fill_null(value=False)
    is_call = (may_call | (kind.is_null() & tree.spans["peer"].is_not_null())).to_numpy()
    in_call = is_call & (tree.parent != NO_PARENT) & is_call[tree.parent]
    is_answered = np.zeros(kind.len(), dtype=np.bool_)
    is_answered[answered] = True
    is_answered[tree.parent[np.flatnonzero(is_answered & in_call)]] = True
    unanswered: Flags = is_call & ~in_call & ~is_answered
    return unanswered


def _answered(tree: SpanTree, call: Rows, answer: Rows) -> pl.DataFrame:
    before, after = tree.start[answer] - tree.start[call], tree.end[call] - tree.end[answer]
    waited = pl.Series(tree.waits[answer])
    callee = tree.spans[answer]
    return _callers(tree, call).with_columns(
        callee_span_id=callee["span_id"],
        callee=callee["service"],
        kind=pl.lit("service"),
        operation=callee["name"],
        callee_ms=callee["duration_ms"],
        before_ms=pl.when(waited).then(pl.Series(before / 1e6)),
        after_ms=pl.when(waited).then(pl.Series(after / 1e6)),
        gap_ms=pl.when(waited).then(pl.Series((before + after) / 1e6)),
        callee_failed=pl.Series(has_failed(callee)),
    )


def _blind(tree: SpanTree, call: Rows) -> pl.DataFrame:
    nothing = pl.lit(None, pl.Float64)
    spans = tree.spans[call]
    systems = {
        kind: pl.any_horizontal(attribute(name).is_not_null() for name in names)
        for kind, names in SYSTEMS.items()
    }
    kind = pl.coalesce(pl.when(is_kind).then(pl.lit(kind)) for kind, is_kind in systems.items())
    return _callers(tree, call).with_columns(
        callee_span_id=pl.lit(None, pl.String),
        callee=pl.coalesce("peer", "operation"),
        kind=spans.select(kind.fill_null("external")).to_series(),
        callee_ms=nothing,
        before_ms=nothing,
        after_ms=nothing,
        gap_ms=nothing,
        callee_failed=pl.lit(None, pl.Boolean),
    )


def _callers(tree: SpanTree, call: Rows) -> pl.DataFrame:
    caller = tree.spans[call]
    above = tree.parent[call]
    return caller.select(
        "trace_id",
        "span_id",
        pl.lit(None, pl.String).alias("callee_span_id"),
        pl.col("service").alias("caller"),
        pl.lit(None, pl.String).alias("callee"),
        pl.lit(None, pl.String).alias("kind"),
        pl.col("name").alias("operation"),
        "start",
        "duration_ms",
        *(pl.lit(None, pl.Float64).alias(name) for name in ("callee_ms", "before_ms", "after_ms", "gap_ms")),
        pl.Series("failed", has_failed(caller)),
        pl.lit(None, pl.Boolean).alias("callee_failed"),
        pl.Series("row", call),
        # Siblings are retries of each other; a call without a parent among the spans has none.
        pl.Series("within", np.where(above == NO_PARENT, -1 - call, above)),
        "peer",
    )


def _with_learnt_callees(rows: pl.DataFrame) -> pl.DataFrame:
    """Name a service that did not answer by who else answers the caller at that address."""
    answered = pl.col("callee_span_id").is_not_null()
    learnt = (
        rows.filter(answered & pl.col("peer").is_not_null())
        .group_by("caller", "peer")
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
        .drop("callees")
    )
    services = rows["caller"].append(rows.filter(answered)["callee"]).unique()
    joined = rows.join(learnt, on=["caller", "peer"], how="left", maintain_order="left")
    callee = pl.when(~answered).then(pl.coalesce("usual", "callee")).otherwise("callee")
    is_service = ~answered & (pl.col("usual").is_not_null() | pl.col("callee").is_in(services.implode()))
    return joined.with_columns(
        callee.alias("callee"), pl.when(is_service).then(pl.lit("service")).otherwise("kind").alias("kind")
    ).drop("usual")


def _is_retry() -> pl.Expr:
    same = ("within", "callee", "operation")
    return pl.col("failed").shift().over(same, order_by="start").fill_null(value=False).alias("retry")
