"""Objections to a service's own time: it may hide a database without spans, a queue, or an awaited message.

Where spans tell neither kinds nor peers, a statement to a database looks like work of the service. A request
that waits for a connection to a slow database, or for a thread that does, seems to be worked on. And a sender
is not taken to wait for the service that handles its message. In all cases a service that seems slow by its
own time may only be waiting.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.worst_part import MIN_BAD_SPANS, bad_spans, with_own_time
from incident_kit.diagnosis.culprits.pieces import OWN_TIME
from incident_kit.diagnosis.culprits.statedness import BEYOND_CHANCE
from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_tree import SpanTree
from incident_kit.schema import attribute

CLEARLY = 0.3
"""Work of one name slowed down if three in ten of its spans are unusual; by chance one in a hundred is."""

ANSWERED = 0.9
"""A sender waits for the answer if nine in ten messages are handled before the sender is done."""

QUEUE = ("messaging.destination.name", "messaging.destination")
"""Attributes that say where a message goes (OpenTelemetry's names, new and old)."""

SLOW = "waits_to_it"
"""The piece of evidence that calls to a dependency take longer."""


def objection(case: Case) -> str | None:
    """Return the objection to a service whose own time is the evidence, if there is one."""
    culprit = case.culprit
    if culprit is None or case.tree is None:
        return None
    if case.strongest_piece(culprit["name"]) != OWN_TIME:
        return None
    return next(_objections(case, case.tree, culprit["name"]), None)


def _objections(case: Case, tree: SpanTree, name: str) -> Iterator[str]:
    inner = _inner_work(tree)
    slow = _slowed_down(case, tree.spans.filter(pl.Series(inner)))
    inside = sorted(work for service, work in slow if service == name)
    # Frameworks put spans without children around a call to a slow service, which take as long as the call.
    others = {service for service, _ in slow} - (_upstream(case.calls.pairs, name) if inside else set())
    if others and inside and not _slowed_down(case, _besides(tree, name, inner)):
        elsewhere = wording.listed(sorted(others))
        waits = "may wait for what records no spans, as may"
        yield f"{wording.listed(inside)} {waits} {elsewhere}, slower as well"
    if queues := _slow_callees(case, name):
        yield f"its calls to {wording.listed(queues)} take longer as well, and it may queue for those"
    handled = pl.concat([_handled_meanwhile(tree, name), _handled_elsewhere(tree, name)])
    handlers = sorted({service for service, _ in _slowed_down(case, handled)})
    if handlers:
        yield f"messages from it to {wording.listed(handlers)} took longer as well, and it may wait for that"


def _besides(tree: SpanTree, name: str, inner: Bools) -> pl.DataFrame:
    """Return the other spans of a service with their own time: a busy processor slows all of its work."""
    return with_own_time(tree).filter(pl.Series(~inner), pl.col("service") == name)


def _upstream(pairs: pl.DataFrame, name: str) -> set[str]:
    """Return a service, its callers, their callers, and so on."""
    edges = pairs.select("caller", "callee").unique().drop_nulls().rows()
    found, size = {name}, 0
    while len(found) > size:
        size = len(found)
        found |= {caller for caller, callee in edges if callee in found}
    return found


def _inner_work(tree: SpanTree) -> Bools:
    """Return whether each span is a leaf within a service that records no span kinds."""
    if not tree.spans["kind"].null_count():
        return np.zeros(len(tree.parent), dtype=bool)
    leaf = ~tree.has_child()
    unlabelled: Bools = tree.spans["kind"].is_null().to_numpy()
    return leaf & unlabelled & ~tree.remote


def _handled_meanwhile(tree: SpanTree, sender: str) -> pl.DataFrame:
    """Return the spans that handle a service's messages, if they nearly always end before the sender does.

    Their duration is counted from the sending.
    """
    handled = np.flatnonzero((tree.parent != NO_PARENT) & tree.remote & ~tree.awaited)
    senders = tree.spans["service"].gather(tree.parent[handled])
    rows = handled[(senders == sender).fill_null(value=False).to_numpy()]
    sending = tree.parent[rows]
    around = tree.parent[sending]  # the span that the sending is part of
    in_time = (around != NO_PARENT) & (tree.end[rows] <= tree.end[around])
    if not len(rows) or in_time.mean() < ANSWERED:
        return tree.spans.clear()
    until_done = (tree.end[rows] - tree.start[sending]) / NS_PER_MS
    handling: pl.DataFrame = tree.spans[rows]
    return handling.with_columns(duration_ms=pl.Series(until_done))


def _handled_elsewhere(tree: SpanTree, sender: str) -> pl.DataFrame:
    """Return the spans that handle, in traces of their own, what comes from where a service sends to."""
    messages = tree.spans.filter(pl.col("kind").is_in(["producer", "consumer"]))
    messages = messages.with_columns(queue=pl.coalesce(attribute(name) for name in QUEUE))
    is_own = pl.col("service") == sender
    sent = messages.filter(is_own, pl.col("kind") == "producer")["queue"].drop_nulls().unique()
    begins = pl.col("parent_span_id").is_null() & (pl.col("kind") == "consumer")
    return messages.filter(~is_own, begins, pl.col("queue").is_in(sent.implode())).select(tree.spans.columns)


def _slow_callees(case: Case, name: str) -> list[str]:
    """Return what a service calls, records no spans, and has as much evidence of being slow as a cause."""
    calls = case.calls.pairs.filter(pl.col("caller") == name, pl.col("kind").is_null())
    likely = case.dependencies.filter(
        pl.col("name").is_in(calls["callee"].implode()), pl.col("score") > BEYOND_CHANCE
    )
    return [one for one in likely["name"].sort() if case.strongest_piece(one) == SLOW]


def _slowed_down(case: Case, spans: pl.DataFrame) -> list[tuple[str, str]]:
    """Return service and name of those spans that clearly took longer than before."""
    if spans.is_empty():
        return []
    counts = (
        bad_spans(case.incident, case.during, spans)
        .group_by("service", "name")
        .agg(spans=pl.len(), bad=pl.col("bad").sum())
    )
    clearly = (pl.col("bad") >= MIN_BAD_SPANS) & (pl.col("bad") >= CLEARLY * pl.col("spans"))
    return counts.filter(clearly).select("service", "name").drop_nulls().sort("service", "name").rows()
