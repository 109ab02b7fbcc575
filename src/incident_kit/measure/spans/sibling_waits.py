"""Who waits for whom: a span for its child that finishes last, that one for the last before it began."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import Nanoseconds, SpanTree


@dataclass(frozen=True)
class SiblingWaits:
    """Row by row: start and end within all that wait for the span, its last child, its sibling before it.

    `before` is the last sibling to have finished when the span began; -1 stands for none. `child` holds
    the rows of all spans that somebody waits for, those of one parent together, by finish.
    """

    start: Nanoseconds
    end: Nanoseconds
    child: Rows
    last_child: Rows
    before: Rows


def sibling_waits(tree: SpanTree, allowance: int = 0) -> SiblingWaits:
    """Return who waits for whom among the children of every span.

    Siblings count as one after the other though they overlap by up to `allowance` per mille of their
    parent's duration: clocks are rounded, and a call returns before its server has written its end.
    """
    child = np.flatnonzero(tree.waits)
    parent = tree.parent[child]
    start, end = _within_ancestors(tree, child, parent)
    # One nanosecond between the stretches keeps one parent's end apart from the next one's beginning.
    line = (end_to_end(end - start + 1) - start)[parent]
    begin, finish = line + start[child], line + end[child]
    del line  # of a million spans every array takes 8 MB
    order, finish = _by_finish(finish, begin, tree.spans["span_id"], child)
    child, parent, begin = child[order], parent[order], begin[order]
    if allowance:
        begin += (end - start)[parent] * allowance // 1000
    # The second bound keeps a span that took no time from preceding itself.
    earlier = np.minimum(np.searchsorted(finish, begin, side="right"), np.arange(child.size)) - 1
    is_sibling = (earlier >= 0) & (parent[earlier] == parent)
    last_child, before = np.full(start.size, NO_PARENT), np.full(start.size, NO_PARENT)
    before[child] = np.where(is_sibling, child[earlier], NO_PARENT)
    last_child[parent] = child  # of several children the last in order stays
    return SiblingWaits(start, end, child, last_child, before)


def _within_ancestors(tree: SpanTree, child: Rows, parent: Rows) -> tuple[Nanoseconds, Nanoseconds]:
    """Return every span's interval as far as it lies within all the spans that wait for it.

    Mostly nothing sticks out; what does is cut, and then only its children have to be looked at again.
    `parent` are the rows that wait for those of `child`.
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
        child = np.flatnonzero(tree.waits & was_cut[tree.parent])
        parent = tree.parent[child]
        cut = (start[child] < start[parent]) | (end[child] > end[parent])
    return start, end


def _by_finish(
    finish: Nanoseconds, begin: Nanoseconds, span_id: pl.Series, child: Rows
) -> tuple[Rows, Nanoseconds]:
    """Return the order by finish, and that in order; of equal ones the longest stands last, then by id."""
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
    """Return where each stretch begins when all are laid on one line."""
    begins = np.cumsum(length)
    begins -= length
    return begins
