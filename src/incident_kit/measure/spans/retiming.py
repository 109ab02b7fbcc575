"""Compute how long traces would have taken if some of their work had taken less time.

Every span is scheduled anew after the span it waits for, in the critical path's model. A span waits for the
sibling that finished last before it began; between the two, the parent worked. A parent ends after its last
child and its own work after that. A trace is therefore work, children, work, and so on. If some part shrinks,
the rest moves up until another child holds it back. If nothing changes, every duration stays the same.

For example, a root works for 10 ms, calls A for 50 ms and B for 40 ms in parallel, and then works for 10 ms:
70 ms. If A takes 30 ms less, B holds the root, which takes 60 ms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.spans.nanoseconds import Nanoseconds
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.sibling_waits import SiblingWaits, sibling_waits
from incident_kit.measure.spans.span_tree import SpanTree


@dataclass(frozen=True)
class Schedule:
    """A tree prepared for retiming: its waits, and its children in groups that can be processed at once.

    `groups` are rows of equal depth and equal rank among siblings (by finish), from the root downwards and
    from the last sibling to the first. `previous` is the sibling one rank before.
    """

    tree: SpanTree
    waits: SiblingWaits
    groups: tuple[Rows, ...]
    previous: Rows

    @property
    def length(self) -> Nanoseconds:
        """Duration of each span in ns within the spans that wait for it."""
        return self.waits.end - self.waits.start


def schedule(tree: SpanTree) -> Schedule:
    """Return the tree prepared for retiming."""
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
    """Return how long each span would take, in ns.

    `work` scales each span's own work (1 keeps it, 0 removes it). `saving` is the time in ns by which the
    whole span, with everything below it, is faster.
    """
    waits, parent = timing.waits, timing.tree.parent
    child_end = np.append(waits.end, 0)
    tail = waits.end - np.where(waits.last_child == NO_PARENT, waits.start, child_end[waits.last_child])
    lag = waits.start - np.where(
        waits.predecessor == NO_PARENT, waits.start[parent], child_end[waits.predecessor]
    )
    # End of each child and of all siblings before it, relative to the parent's start. The last entry is for
    # row -1.
    done = np.zeros(parent.size + 1)
    length = np.zeros(parent.size)

    def settle(rows: Rows) -> None:
        length[rows] = np.maximum(done[waits.last_child[rows]] + work[rows] * tail[rows] - saving[rows], 0)

    for rows in reversed(timing.groups):
        settle(rows)
        end = done[waits.predecessor[rows]] + work[parent[rows]] * lag[rows] + length[rows]
        done[rows] = np.maximum(done[timing.previous[rows]], end)
    settle(np.setdiff1d(np.arange(parent.size), waits.child))
    return length


def slack_ns(timing: Schedule) -> Floats:
    """Return by how many ns each span could end later without delaying its top; 0 on the critical path."""
    waits, parent = timing.waits, timing.tree.parent
    slack = np.zeros(parent.size)
    end = waits.end - waits.start.min(initial=waits.end.max(initial=0))  # small enough for exact floats
    # Latest end that a span's later siblings allow: at its own rank, and from there on.
    latest = np.full(parent.size + 1, np.inf)
    for rows in timing.groups:
        last = waits.last_child[parent[rows]]
        bound = np.minimum(latest[rows], end[last] + slack[parent[rows]])
        slack[rows] = bound - end[rows]
        before = waits.predecessor[rows]
        np.minimum.at(latest, timing.previous[rows], latest[rows])
        np.minimum.at(latest, before, end[before] + slack[rows])
        latest[NO_PARENT] = np.inf
    return slack


def _depth(tree: SpanTree) -> Rows:
    depth = np.zeros(tree.parent.size, dtype=np.int64)
    below = np.flatnonzero(tree.awaited)
    settled = ~tree.awaited
    while below.size:
        ready = settled[tree.parent[below]]
        level, below = below[ready], below[~ready]
        depth[level] = depth[tree.parent[level]] + 1
        settled[level] = True
    return depth
