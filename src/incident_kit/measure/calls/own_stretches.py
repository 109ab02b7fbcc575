"""What a segment does beside its calls: how long it waits for them, its own work before and after each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.sibling_waits import end_to_end
from incident_kit.measure.spans.span_tree import NS_PER_MS, Nanoseconds, SpanTree


@dataclass(frozen=True)
class OwnStretches:
    """`waited`, by entry: the union of its segment's calls within it, in ns.

    By call, in ms: its segment's own stretches `before` and `after` it, or before and after all the calls
    that it overlaps with; NaN where it lies between two calls to the same callee, so that nobody knows to
    which of them it belongs. `around`: both, in any case.
    """

    waited: Nanoseconds
    before: Floats
    after: Floats
    around: Floats


def own_stretches(tree: SpanTree, entry: Rows, timed: Rows, callee: Ints) -> OwnStretches:
    """Return the stretches of calls: rows of their segment's entry and of their own times, by both in order.

    The segments are laid end to end on one line, on which one running maximum serves them all. `callee` is
    the number of who is called.
    """
    low, high = tree.start, tree.end
    line = (end_to_end(high - low) - low)[entry]
    low, high = low[entry], high[entry]
    begin, finish = (np.clip(time[timed], low, high) + line for time in (tree.start, tree.end))
    covered = np.insert(np.maximum.accumulate(finish), 0, 0)[:-1]
    busy = np.maximum(finish - np.maximum(begin, covered), 0)
    waited = np.bincount(entry, busy, len(tree.start)).astype(np.int64)
    if not len(entry):
        return OwnStretches(waited, np.zeros(0), np.zeros(0), np.zeros(0))
    before, after = _stretches(begin, finish, covered, (low + line, high + line))
    again = (entry[1:] == entry[:-1]) & (callee[1:] == callee[:-1])
    return OwnStretches(
        waited,
        np.where(np.append(False, again), np.nan, before / NS_PER_MS),
        np.where(np.append(again, False), np.nan, after / NS_PER_MS),
        (before + after) / NS_PER_MS,
    )


def _stretches(begin: Ints, finish: Ints, covered: Ints, entry: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """Return what lies between each group of overlapping calls and the one before it, and after it.

    `covered`: until when the calls before each one last; `entry`: begin and end of its segment.
    """
    first, group = np.flatnonzero(begin >= covered), np.cumsum(begin >= covered) - 1
    since = np.maximum(covered[first], entry[0][first])
    until = np.minimum(np.append(begin[first[1:]], entry[1][-1]), entry[1][first])
    return (begin[first] - since)[group], (until - np.maximum.reduceat(finish, first))[group]
