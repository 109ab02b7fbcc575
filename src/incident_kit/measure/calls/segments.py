"""Segments: the stretches of work of one service, and the calls that lead from one to the next.

Time is taken per segment, not per span: frameworks put childless sibling spans around the real call,
and their self time is noise. A segment is a maximal parent-linked group of spans of one service; its
top span is the entry. A call is a span that waits for another service, or for a dependency that
records no spans of its own (a blind call, see `measure.blind_calls`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from incident_kit.measure.arrays.samples import Floats, numbered
from incident_kit.measure.calls.answered_calls import NO_SPAN, answered_calls
from incident_kit.measure.calls.blind_calls import blind_calls
from incident_kit.measure.calls.hidden_services import with_hidden_services
from incident_kit.measure.calls.linked_spans import NS_PER_MS, linked_spans
from incident_kit.measure.calls.own_stretches import OwnStretches, own_stretches
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.span_time import critical_ns
from incident_kit.measure.spans.span_tree import Flags, span_tree

NOBODY = 0
"""The hash of the set of those called where nobody is."""


@dataclass(frozen=True)
class Segments:
    """The segments of a set of spans and the calls between them; both in the order of the spans.

    `segments`: segment, trace (both numbers), start (ns), service, operation, root (no parent in the
    data), duration_ms, own_ms (duration without the union of its calls), callees (a hash of the set of
    those called), critical_ms (on the trace's critical path, without its calls), failed, origin (failed,
    and none of its calls did), failed_call (one of its calls did).

    `calls`: segment (the caller's), callee_segment (null if blind), trace, start (ns), caller, callee,
    operation (the callee's, the call's own if blind), duration_ms, critical_ms, before_ms and after_ms (the
    call's time outside the callee; null if blind or not known; where the caller has no span for it, the
    caller's own stretches on both sides, see `measure.own_stretches`), gap_ms (both together), failed,
    origin (failed, and the callee did not), database (the call's attributes name a database system),
    named_by_peer (a blind call whose span names its peer), recorded (the caller has a span for it).

    `inner`: segment, name of every operation within it, once each, that is neither its entry nor a call.
    """

    segments: pl.DataFrame
    calls: pl.DataFrame
    inner: pl.DataFrame


def build_segments(spans: Any, usual: Flags | None = None, *, critical: bool = True) -> Segments:
    """Return the segments and calls of `spans`, a frame of SPANS or their tree; times in ms, starts in ns.

    `usual` selects the spans of undisturbed times; which childless spans are calls that nobody answered
    is learnt from those. Spans without a start or a duration are no part of a segment. Without `critical`
    nobody looks for critical paths, and `critical_ms` is 0 throughout.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    known = tree.spans.select(pl.all_horizontal(pl.col("start", "duration_ms").is_not_null())).to_series()
    learnt_from = np.ones(len(known), dtype=bool) if usual is None else usual
    if not known.all():
        tree, learnt_from = tree.where(known.to_numpy()), learnt_from[known.to_numpy()]
    tree, hidden = with_hidden_services(tree)
    learnt_from = np.append(learnt_from, learnt_from[hidden])
    with ThreadPoolExecutor(1) as beside:
        path = beside.submit(critical_ns, tree) if critical else None
        linked = linked_spans(tree).with_columns(usual=pl.Series(learnt_from))
        calls = _calls(linked, beside)
        on_path = np.zeros(len(linked)) if path is None else path.result() / NS_PER_MS
        return _assemble(linked, calls, on_path)


def _calls(linked: pl.DataFrame, beside: ThreadPoolExecutor) -> pl.DataFrame:
    """Return all calls in the order of their segments, and there of their start."""
    answered, blind = beside.submit(answered_calls, linked), blind_calls(linked)
    return pl.concat([answered.result(), blind], how="diagonal").sort("segment", "start", "end")


def _assemble(linked: pl.DataFrame, calls: pl.DataFrame, critical_ms: Floats) -> Segments:
    """Return the frames; own time, critical time and failures of each segment told from its calls."""
    stretches = own_stretches(linked, calls)
    segment, entry = linked["segment"].to_numpy(), linked["entry"].to_numpy()
    span = calls["span"].to_numpy()
    in_call = np.zeros(len(segment), dtype=bool)
    in_call[span[span != NO_SPAN]] = True
    critical = np.bincount(segment[~in_call], critical_ms[~in_call], len(segment))
    failed_call = np.zeros(len(segment), dtype=bool)
    failed_call[calls["segment"].filter(calls["failed"]).to_numpy()] = True
    length = linked["end"].to_numpy() - linked["start"].to_numpy()
    segments = linked.select(
        "segment", "trace", "start", "service", "operation", "failed",
        pl.Series("callees", _callees(calls, len(segment))),
        pl.Series("critical_ms", critical),
        pl.Series("failed_call", failed_call),
        root=pl.col("parent") == NO_PARENT,
        duration_ms=pl.Series(length / NS_PER_MS),
        own_ms=pl.Series((length - stretches.waited) / NS_PER_MS),
        origin=pl.col("failed") & ~pl.Series(failed_call),
    )  # fmt: skip
    return Segments(
        segments.filter(pl.Series(entry)),
        calls.select(
            "segment", "callee_segment", "trace", "start", "caller", "callee", "operation",
            "failed", "origin",
            pl.col("database", "named_by_peer").fill_null(value=False),
            pl.col("recorded").fill_null(value=True),
            critical_ms=pl.Series(np.where(span == NO_SPAN, 0.0, critical_ms[span])),
            duration_ms=(pl.col("end") - pl.col("start")) / NS_PER_MS,
            **_waits(stretches),
        ),
        linked.select("segment", "name").filter(pl.Series(~entry & ~in_call)).unique(maintain_order=True),
    )  # fmt: skip


def _waits(stretches: OwnStretches) -> dict[str, pl.Expr]:
    """Return before_ms, after_ms and gap_ms of calls; of those without a span their caller's stretches."""

    def either(own: Floats, known: pl.Expr) -> pl.Expr:
        return pl.when("unseen").then(pl.Series(own, nan_to_null=True)).otherwise(known)

    before, after = pl.col("before_ms"), pl.col("after_ms")
    return {
        "before_ms": either(stretches.before, before),
        "after_ms": either(stretches.after, after),
        "gap_ms": either(stretches.around, before + after),
    }


def _callees(calls: pl.DataFrame, segments: int) -> NDArray[np.uint64]:
    """Return by entry a hash of the set of those called."""
    called = calls.select(pl.col("callee").hash()).to_series()
    distinct = called.unique().sort().to_numpy()
    width = max(len(distinct), 1)
    code = calls["segment"].to_numpy() * width + np.searchsorted(distinct, called.to_numpy())
    segment, callee = np.divmod(numbered(code)[0], width)
    callees = np.full(segments, NOBODY, dtype=np.uint64)
    np.add.at(callees, segment, distinct[callee])
    return callees
