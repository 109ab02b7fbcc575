"""What traces would have taken, had some of their work taken less.

Every span is set anew after what it waits for, as the critical path sees it: a span waits for the sibling
that finished last before it began, and between the two its parent worked. A parent ends when its last child
has, and its own work after that. So a trace is work, children, work, and so on; where some of it shrinks
the rest moves up, as far as no other child holds it back. Nothing changed gives every duration as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.sibling_waits import SiblingWaits, sibling_waits
from incident_kit.measure.spans.span_tree import Nanoseconds, SpanTree


@dataclass(frozen=True)
class Schedule:
    """A tree ready to be timed anew: its waits, and its children in groups that can be set at once.

    `groups` are rows of one depth and one rank among siblings (by finish), from the root downwards and
    from the last sibling to the first; `previous` is the sibling one rank before.
    """

    tree: SpanTree
    waits: SiblingWaits
    groups: tuple[Rows, ...]
    previous: Rows

    @property
    def length(self) -> Nanoseconds:
        """How long each span takes within all that wait for it."""
        return self.waits.end - self.waits.start


def schedule(tree: SpanTree) -> Schedule:
    """Return the tree ready to be timed anew."""
    waits = sibling_waits(tree)
    child = waits.child
    parent = tree.parent[child]
    is_first = np.insert(parent[1:] != parent[:-1], 0, True)[: child.size]
    first = np.flatnonzero(is_first)
    rank = np.arange(child.size) - np.repeat(first, np.diff(np.append(first, child.size)))
    previous = np.full(tree.parent.size, NO_PARENT)
    previous[child[~is_first]] = child[np.flatnonzero(~is_first) - 1]
    depth = _depth(tree)[child]
    order = np.lexsort((-rank, depth))
    key = depth[order] * (rank.max(initial=0) + 1) + rank[order]
    groups = np.split(child[order], np.flatnonzero(np.diff(key)) + 1) if child.size else []
    return Schedule(tree, waits, tuple(groups), previous)


def retimed(timing: Schedule, work: Floats, saving: Floats) -> Floats:
    """Return how long each span would take in ns.

    `work` scales each span's own work (1 leaves it, 0 takes it away), `saving` are ns by which the whole
    span, with all below it, is faster.
    """
    waits, parent = timing.waits, timing.tree.parent
    child_end = np.append(waits.end, 0)
    tail = waits.end - np.where(waits.last_child == NO_PARENT, waits.start, child_end[waits.last_child])
    lag = waits.start - np.where(waits.before == NO_PARENT, waits.start[parent], child_end[waits.before])
    # Since the parent's start: when a child and all siblings up to it are done; the last is for -1.
    done = np.zeros(parent.size + 1)
    length = np.zeros(parent.size)

    def settle(rows: Rows) -> None:
        length[rows] = np.maximum(done[waits.last_child[rows]] + work[rows] * tail[rows] - saving[rows], 0)

    for rows in reversed(timing.groups):
        settle(rows)
        end = done[waits.before[rows]] + work[parent[rows]] * lag[rows] + length[rows]
        done[rows] = np.maximum(done[timing.previous[rows]], end)
    settle(np.setdiff1d(np.arange(parent.size), waits.child))
    return length


def slack_ns(timing: Schedule) -> Floats:
    """Return by how much each span could end later before its top did: 0 on the critical path."""
    waits, parent = timing.waits, timing.tree.parent
    slack = np.zeros(parent.size)
    end = waits.end - waits.start.min(initial=waits.end.max(initial=0))  # small enough for exact floats
    # The latest end that a span's later siblings leave it: at its own slot, and from there on.
    latest = np.full(parent.size + 1, np.inf)
    for rows in timing.groups:
        last = waits.last_child[parent[rows]]
        bound = np.minimum(latest[rows], end[last] + slack[parent[rows]])
        slack[rows] = bound - end[rows]
        before = waits.before[rows]
        np.minimum.at(latest, timing.previous[rows], latest[rows])
        np.minimum.at(latest, before, end[before] + slack[rows])
        latest[NO_PARENT] = np.inf
    return slack


def _depth(tree: SpanTree) -> Rows:
    depth = np.zeros(tree.parent.size, dtype=np.int64)
    below = np.flatnonzero(tree.waits)
    settled = ~tree.waits
    while below.size:
        ready = settled[tree.parent[below]]
        level, below = below[ready], below[~ready]
        depth[level] = depth[tree.parent[level]] + 1
        settled[level] = True
    return depth
