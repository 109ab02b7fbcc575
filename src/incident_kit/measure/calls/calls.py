"""Calls between services: a caller's span, the span that answered it, and the time between the two.

What of a call is not in the callee's span was spent on the way: network, queue, connection pool. A call that
no span answers went to something uninstrumented (a database, a third party), or was lost.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from incident_kit.measure.calls.callee_names import with_learnt_callees
from incident_kit.measure.calls.failed_spans import has_failed
from incident_kit.measure.calls.linked_spans import CALLING_KINDS
from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import NS_PER_MS, Flags, SpanTree, span_tree

SYSTEMS = {"database": ("db.system.name", "db.system"), "messaging": ("messaging.system",)}
NO_ANSWER = -1


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
    unanswered = np.flatnonzero(_unanswered(tree, tree.parent[answer]))
    call = np.concatenate([tree.parent[answer], unanswered])
    order = np.argsort(call, kind="stable")
    call = call[order]
    answer = np.concatenate([answer, np.full(len(unanswered), NO_ANSWER)])[order]
    above = tree.parent[call]
    rows = _rows(tree, call, answer).with_columns(
        # Siblings are retries of each other; a call without a parent among the spans has none.
        within=pl.Series(np.where(above == NO_PARENT, -1 - call, above))
    )
    return _with_retries(with_learnt_callees(rows)).drop("within", "peer")


def _answers(tree: SpanTree) -> Flags:
    """Whether a span answers its parent's call: it works for another service, or serves a client span."""
    serves = tree.of_kind("server") & tree.below("client")
    answers: Flags = (tree.remote | serves) & (tree.parent != NO_PARENT)
    return answers


def _unanswered(tree: SpanTree, answered: Rows) -> Flags:
    """Whether a span is a call that nobody answered; of nested client spans the outermost is the call."""
    unlabelled = tree.spans["kind"].is_null() & tree.spans["peer"].is_not_null()
    is_call = tree.of_kind(*CALLING_KINDS) | unlabelled.to_numpy()
    in_call = is_call & (tree.parent != NO_PARENT) & is_call[tree.parent]
    is_answered = np.zeros(len(is_call), dtype=np.bool_)
    is_answered[answered] = True
    is_answered[tree.parent[np.flatnonzero(is_answered & in_call)]] = True
    unanswered: Flags = is_call & ~in_call & ~is_answered
    return unanswered


def _rows(tree: SpanTree, call: Rows, answer: Rows) -> pl.DataFrame:
    """Return the calls of the spans in rows `call`, answered by those in rows `answer`."""
    caller = tree.spans.select("trace_id", "span_id", "service", "name", "start", "duration_ms", "peer")[call]
    answered, failed = pl.Series(answer != NO_ANSWER), has_failed(tree.spans)
    callee = tree.spans.select("span_id", "service", "name", "duration_ms").select(
        pl.all().gather(pl.Series(answer).replace(NO_ANSWER, None))
    )
    return caller.select(
        "trace_id",
        "span_id",
        callee["span_id"].alias("callee_span_id"),
        pl.col("service").alias("caller"),
        pl.coalesce(callee["service"], "peer", "name").alias("callee"),
        _kinds(tree, call, answer),
        pl.when(answered).then(callee["name"]).otherwise("name").alias("operation"),
        "start",
        "duration_ms",
        callee["duration_ms"].alias("callee_ms"),
        *_waits(tree, call, answer),
        pl.Series("failed", failed[call]),
        pl.when(answered).then(pl.Series(failed[answer])).alias("callee_failed"),
        "peer",
    )


def _waits(tree: SpanTree, call: Rows, answer: Rows) -> list[pl.Expr]:
    """Return before_ms, after_ms and gap_ms."""
    waited = pl.Series((answer != NO_ANSWER) & tree.waits[answer])
    before, after = tree.start[answer] - tree.start[call], tree.end[call] - tree.end[answer]
    waits = {"before_ms": before, "after_ms": after, "gap_ms": before + after}
    return [pl.when(waited).then(pl.Series(ns / NS_PER_MS)).alias(name) for name, ns in waits.items()]


def _kinds(tree: SpanTree, call: Rows, answer: Rows) -> pl.Series:
    """Return what kind of thing was called, where nobody answered by the caller's attributes."""
    blind = np.flatnonzero(answer == NO_ANSWER)
    systems = tree.spans.select("attributes")[call[blind]].select(_system()).to_series()
    return pl.repeat("service", len(call), eager=True).alias("kind").scatter(blind, systems)


def _system() -> pl.Expr:
    """Return what kind of system a call's attributes name."""
    named = {
        kind: pl.any_horizontal(
            pl.col("attributes").str.contains(f'"{name}":', literal=True) for name in names
        )
        for kind, names in SYSTEMS.items()
    }
    kind = pl.coalesce(pl.when(is_kind).then(pl.lit(kind)) for kind, is_kind in named.items())
    return kind.fill_null("external")


def _with_retries(calls: pl.DataFrame) -> pl.DataFrame:
    """Say of each call whether it repeats one that failed; only beside a failed call there can be any."""
    same = ("within", "callee", "operation")
    repeats = pl.col("failed").shift().over(same, order_by="start").fill_null(value=False)
    tried = (
        calls.select(*same, "start", "failed")
        .with_row_index("row")
        .join(calls.select("within").filter(calls["failed"]).unique(), on="within", how="semi")
    )
    retry = np.zeros(calls.height, dtype=np.bool_)
    retry[tried.filter(repeats)["row"].to_numpy()] = True
    return calls.with_columns(pl.Series("retry", retry))
