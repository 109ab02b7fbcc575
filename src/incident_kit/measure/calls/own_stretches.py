"""Measure a segment's own time around its calls: the union of its calls, and its work before and after each.

An example, with time from left to right:

    segment  |------------------------|
    call A       |----|
    call B                 |-----|

The stretch `before` A reaches from the segment's start to A. The stretch between A and B is `after` A and
`before` B. If A and B go to the same callee, it is neither, because it cannot be assigned to one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.spans.nanoseconds import NS_PER_MS, Nanoseconds
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.sibling_waits import end_to_end
from incident_kit.measure.spans.span_tree import SpanTree


@dataclass(frozen=True)
class OwnStretches:
    """Time a segment waits for calls, and its own stretches around each call.

    `waited` is by entry: the union of the segment's calls within it, in ns. The other arrays are by call, in
    ms. `before` and `after` are the segment's own stretches around the call, or around the whole group of
    calls that overlap with it. They are NaN between two calls to the same callee. `around` is the sum of both
    stretches in any case.
    """

    waited: Nanoseconds
    before: Floats
    after: Floats
    around: Floats


def own_stretches(tree: SpanTree, entry: Rows, time_row: Rows, callee: Ints) -> OwnStretches:
    """Return the own stretches around calls.

    `entry` and `time_row` are, for each call, the rows of its segment's entry and of its own times; the calls
    are ordered by both. `callee` is the number of the callee. The segments are laid end to end on one line,
    so one running maximum serves all of them.
    """
    low, high = tree.start, tree.end
    line = (end_to_end(high - low) - low)[entry]
    low, high = low[entry], high[entry]
    begin, finish = (np.clip(time[time_row], low, high) + line for time in (tree.start, tree.end))
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
    """Return the time between each group of overlapping calls and the previous group, and the next one.

    `covered` is the end of the calls before each call; `entry` holds the start and end of its segment.
    """
    first, group = np.flatnonzero(begin >= covered), np.cumsum(begin >= covered) - 1
    since = np.maximum(covered[first], entry[0][first])
    until = np.minimum(np.append(begin[first[1:]], entry[1][-1]), entry[1][first])
    return (begin[first] - since)[group], (until - np.maximum.reduceat(finish, first))[group]
