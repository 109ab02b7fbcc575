"""Determine who waits for whom: a span for its last child, and each child for the last sibling before it.

An example, with time from left to right:

    root  |--------------------|
    A      |-----|
    B        |-|
    C              |---------|

The root waits for C, which finishes last. C waits for A, the last sibling to finish before C began. B
overlaps A and ends before it, so nobody waits for B.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.spans.nanoseconds import Nanoseconds
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import SpanTree


@dataclass(frozen=True)
class SiblingWaits:
    """Start and end within all spans that wait for the span, its last child and its predecessor, by row.

    `predecessor` is the last sibling that had finished when the span began; -1 means none. `child` holds the
    rows of all spans that a parent waits for, grouped by parent and ordered by finish.
    """

    start: Nanoseconds
    end: Nanoseconds
    child: Rows
    last_child: Rows
    predecessor: Rows


def sibling_waits(tree: SpanTree, allowance: int = 0) -> SiblingWaits:
    """Return who waits for whom among the children of every span.

    Siblings count as consecutive even if they overlap by up to `allowance` per mille of their parent's
    duration. Clocks are rounded, and a call may return before its server has written its end.
    """
    child = np.flatnonzero(tree.awaited)
    parent = tree.parent[child]
    start, end = _within_ancestors(tree, child, parent)
    # One nanosecond between the stretches separates one parent's end from the next one's beginning.
    line = (end_to_end(end - start + 1) - start)[parent]
    begin, finish = line + start[child], line + end[child]
    del line  # with a million spans, every array takes 8 MB
    order, finish = _by_finish(finish, begin, tree.spans["span_id"], child)
    child, parent, begin = child[order], parent[order], begin[order]
    if allowance:
        begin += (end - start)[parent] * allowance // 1000
    # The second bound prevents a span without duration from preceding itself.
    earlier = np.minimum(np.searchsorted(finish, begin, side="right"), np.arange(child.size)) - 1
    is_sibling = (earlier >= 0) & (parent[earlier] == parent)
    last_child, before = np.full(start.size, NO_PARENT), np.full(start.size, NO_PARENT)
    before[child] = np.where(is_sibling, child[earlier], NO_PARENT)
    last_child[parent] = child  # the last of several children remains
    return SiblingWaits(start, end, child, last_child, before)


def _within_ancestors(tree: SpanTree, child: Rows, parent: Rows) -> tuple[Nanoseconds, Nanoseconds]:
    """Return every span's interval, clipped to all the spans that wait for it.

    Usually nothing needs clipping. After a clip, only the children of the clipped spans are checked again.
    `parent` holds the rows that wait for those of `child`.
    """
    start, end = tree.start, tree.end
    cut = (start[child] < start[parent]) | (end[child] > end[parent])
    if cut.any():
        start, end = start.copy(), end.copy()
    while cut.any():
        child, low, high = child[cut], start[parent[cut]], end[parent[cut]]
        start[child], end[child] = np.clip(start[child], low, high), np.clip(end[child], low, high)
        was_cut = np.zeros(start.size, dtype=np.bool_)
        was_cut[child] = True
        child = np.flatnonzero(tree.awaited & was_cut[tree.parent])
        parent = tree.parent[child]
        cut = (start[child] < start[parent]) | (end[child] > end[parent])
    return start, end


def _by_finish(
    finish: Nanoseconds, begin: Nanoseconds, span_id: pl.Series, child: Rows
) -> tuple[Rows, Nanoseconds]:
    """Return the order by finish, and the ordered finishes.

    Among equal ones the longest is last, then by id.
    """
    order = np.argsort(finish)
    in_order = finish[order]
    same = in_order[1:] == in_order[:-1]
    together = np.append(same, False) | np.insert(same, 0, False)
    if together.any():
        tied = order[together]
        ids = span_id.gather(child[tied]).hash().to_numpy()
        order[together] = tied[np.lexsort((ids, -begin[tied], finish[tied]))]
    return order, in_order


def end_to_end(length: Nanoseconds) -> Nanoseconds:
    """Return where each stretch begins if all stretches are laid end to end on one line."""
    begins = np.cumsum(length)
    begins -= length
    return begins
