"""Where the time of traces went: self time and critical path, for a million spans without a loop over them.

The trick of both: lay the parents' stretches end to end on one line. Then one sort puts every parent's
children in order, and one running maximum or one binary search serves them all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from incident_kit.measure.clock_skew import on_one_clock
from incident_kit.measure.span_tree import NO_PARENT, Nanoseconds, Rows, SpanTree, span_tree


def span_time(spans: Any, *, correct_clocks: bool = True) -> pl.DataFrame:
    """Return the spans, each once, with `self_ms` and `critical_ms`.

    `self_ms` is the duration minus the union of the children's intervals within it. `critical_ms` parts the
    duration of a trace's root exactly among the spans of its critical path: from the end backwards through
    the child that finished last, then the one that had finished when that one began, and so on (CRISP,
    Zhang et al., USENIX ATC '22, which drops what of a child lies outside its parent as we do). Spans off
    the path have 0, so that it sums to the root's duration trace by trace. Where host clocks disagree,
    both are computed on corrected times; `start` stays as recorded.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    if correct_clocks:
        tree = on_one_clock(tree)
    unknown = tree.spans["duration_ms"].is_null()
    self_ms = pl.Series("self_ms", self_ns(tree) / 1e6)
    return tree.spans.with_columns(
        self_ms.zip_with(~unknown, pl.Series([None], dtype=pl.Float64)),
        pl.Series("critical_ms", critical_ns(tree) / 1e6),
    )


def self_ns(tree: SpanTree) -> Nanoseconds:
    """Return each span's duration minus the union of its children's intervals within it."""
    child = np.flatnonzero(tree.waits)
    parent = tree.parent[child]
    length = tree.end - tree.start
    line = _end_to_end(length) - tree.start
    begin = line[parent] + np.clip(tree.start[child], tree.start[parent], tree.end[parent])
    end = line[parent] + np.clip(tree.end[child], tree.start[parent], tree.end[parent])
    order = np.argsort(begin)
    begin, end, parent = begin[order], end[order], parent[order]
    covered_until = np.insert(np.maximum.accumulate(end), 0, 0)[:-1]
    newly_covered = np.maximum(end - np.maximum(begin, covered_until), 0)
    return length - _total_by(parent, newly_covered, length.size)


def critical_ns(tree: SpanTree) -> Nanoseconds:
    """Return how much of its root's duration each span has on the critical path."""
    start, end = _within_ancestors(tree)
    length = end - start
    last_child, before = _backwards(tree, start, end)
    on_path = np.zeros(length.size, dtype=np.bool_)
    reached = tree.roots
    while reached.size:
        on_path[reached] = True
        reached = np.concatenate([last_child[reached], before[reached]])
        reached = reached[reached != NO_PARENT]
    below = np.flatnonzero(on_path & tree.waits)
    handed_down = _total_by(tree.parent[below], length[below], length.size)
    return np.where(on_path, length - handed_down, 0)


def _within_ancestors(tree: SpanTree) -> tuple[Nanoseconds, Nanoseconds]:
    """Return every span's interval as far as it lies within all the spans that wait for it.

    Mostly nothing sticks out; what does is cut, and then only its children have to be looked at again.
    """
    start, end = tree.start.copy(), tree.end.copy()
    child = np.flatnonzero(tree.waits)
    while child.size:
        low, high = start[tree.parent[child]], end[tree.parent[child]]
        cut = (start[child] < low) | (end[child] > high)
        child, low, high = child[cut], low[cut], high[cut]
        start[child], end[child] = np.clip(start[child], low, high), np.clip(end[child], low, high)
        was_cut = np.zeros(start.size, dtype=np.bool_)
        was_cut[child] = True
        child = np.flatnonzero(tree.waits & was_cut[tree.parent])
    return start, end


def _backwards(tree: SpanTree, start: Nanoseconds, end: Nanoseconds) -> tuple[Rows, Rows]:
    """Return two rows for every span: its child that finished last, and the sibling waited for before it.

    That sibling is the last to have finished when the span began; -1 stands for none.
    """
    child = np.flatnonzero(tree.waits)
    parent = tree.parent[child]
    # One nanosecond between the stretches keeps one parent's end apart from the next one's beginning.
    line = _end_to_end(end - start + 1) - start
    begin, finish = line[parent] + start[child], line[parent] + end[child]
    order = _by_finish(finish, begin, tree.spans["span_id"], child)
    child, parent, begin, finish = child[order], parent[order], begin[order], finish[order]
    # The second bound keeps a span that took no time from preceding itself.
    earlier = np.minimum(np.searchsorted(finish, begin, side="right"), np.arange(child.size)) - 1
    is_sibling = (earlier >= 0) & (parent[earlier] == parent)
    last_child, before = np.full(start.size, NO_PARENT), np.full(start.size, NO_PARENT)
    before[child] = np.where(is_sibling, child[earlier], NO_PARENT)
    last_child[parent] = child  # of several children the last in order stays
    return last_child, before


def _by_finish(finish: Nanoseconds, begin: Nanoseconds, span_id: pl.Series, child: Rows) -> Rows:
    """Return the order by finish; of those that finish together the longest last, then by id."""
    order = np.argsort(finish)
    same = finish[order][1:] == finish[order][:-1]
    together = np.append(same, False) | np.insert(same, 0, False)
    if together.any():
        tied = order[together]
        ids = span_id.gather(child[tied]).hash().to_numpy()
        order[together] = tied[np.lexsort((ids, -begin[tied], finish[tied]))]
    return order


def _end_to_end(length: Nanoseconds) -> Nanoseconds:
    """Return where each stretch begins when all are laid on one line."""
    return np.cumsum(length) - length


def _total_by(group: Rows, amounts: Nanoseconds, groups: int) -> Nanoseconds:
    """Return the sum of amounts by group; exact, because a span's nanoseconds fit a float's 53 bits."""
    return np.bincount(group, weights=amounts, minlength=groups).astype(np.int64)
