"""Compute self time and critical path of traces, for a million spans without a loop over spans.

Both lay the parents' intervals end to end on one line. One sort then orders the children of all parents, and
one running maximum (self time) or one binary search (critical path) serves all of them.

An example (begin and end, self time and critical-path time, all in ms):

    root    0-100    self 20    critical 30
    A      10-40     self 30    critical  0
    B      20-60     self 40    critical 40
    C      60-90     self 30    critical 30

The root waits for C, which finishes last, and C for B, which had finished when C began. A is off the path
because B runs beside it until later. The root's own part is 0-20 and 90-100.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.nanoseconds import NS_PER_MS, Nanoseconds
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.sibling_waits import end_to_end, sibling_waits
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree

# One per cent of the parent's duration, as in CRISP.
OVERLAP_PER_MILLE = 10


def span_time(spans: AnySpans, *, correct_clocks: bool = True) -> pl.DataFrame:
    """Return the distinct spans with `self_ms` and `critical_ms`.

    `self_ms` is the duration minus the union of the children's intervals within it. `critical_ms` divides the
    duration of a trace's root exactly among the spans of its critical path. The path goes backwards from the
    end: through the child that finished last, then the sibling that had finished when that child began, and
    so on. The method is CRISP's (Zhang et al., USENIX ATC '22); like CRISP, it drops the part of a child that
    lies outside its parent. Spans off the path have 0, so `critical_ms` sums to the root's duration in each
    trace. If host clocks disagree, both are computed on corrected times; `start` stays as recorded.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    if correct_clocks:
        tree = on_one_clock(tree)
    unknown = tree.spans["duration_ms"].is_null()
    self_ms = pl.Series("self_ms", self_ns(tree) / NS_PER_MS)
    return tree.spans.with_columns(
        self_ms.zip_with(~unknown, pl.Series([None], dtype=pl.Float64)),
        pl.Series("critical_ms", critical_ns(tree) / NS_PER_MS),
    )


def self_ns(tree: SpanTree) -> Nanoseconds:
    """Return each span's duration minus the union of its children's intervals within it, in ns."""
    child = np.flatnonzero(tree.awaited)
    parent = tree.parent[child]
    length = tree.end - tree.start
    line = end_to_end(length) - tree.start
    begin = line[parent] + np.clip(tree.start[child], tree.start[parent], tree.end[parent])
    end = line[parent] + np.clip(tree.end[child], tree.start[parent], tree.end[parent])
    order = np.argsort(begin)
    begin, end, parent = begin[order], end[order], parent[order]
    covered_until = np.insert(np.maximum.accumulate(end), 0, 0)[:-1]
    newly_covered = np.maximum(end - np.maximum(begin, covered_until), 0)
    return length - _total_by(parent, newly_covered, length.size)


def critical_ns(tree: SpanTree) -> Nanoseconds:
    """Return how much of its root's duration each span has on the critical path, in ns.

    The overlap of consecutive siblings counts for both and is subtracted from their parent's own time. If a
    parent's own time is too short for that, its children are walked without any allowance.
    """
    waits = sibling_waits(tree, OVERLAP_PER_MILLE)
    length = waits.end - waits.start
    before = waits.predecessor
    while True:
        on_path = _reached(tree.roots, waits.last_child, before)
        below = np.flatnonzero(on_path & tree.awaited)
        own = length - _total_by(tree.parent[below], length[below], length.size)
        overdrawn = on_path & (own < 0)
        if not overdrawn.any():
            return np.where(on_path, own, 0)
        before = np.where(overdrawn[tree.parent] & tree.awaited, sibling_waits(tree).predecessor, before)


def _reached(rows: Rows, last_child: Rows, before: Rows) -> Bools:
    """Return which spans are reached from `rows` through last children and the siblings before them."""
    on_path = np.zeros(before.size, dtype=np.bool_)
    while rows.size:
        on_path[rows] = True
        rows = np.concatenate([last_child[rows], before[rows]])
        rows = rows[rows != NO_PARENT]
    return on_path


def _total_by(group: Rows, amounts: Nanoseconds, groups: int) -> Nanoseconds:
    """Return the sum of `amounts` by group.

    It is exact, because a span's nanoseconds fit a float's 53 bits.
    """
    return np.bincount(group, weights=amounts, minlength=groups).astype(np.int64)
