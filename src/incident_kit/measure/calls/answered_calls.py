"""Find answered calls: which span is the call, and when the callees below it were at work.

For example, a client span of 80 ms with a server span of another service below it is a call as a whole. If a
server span of 200 ms has server spans of other services right below it, the caller recorded no calls, and
each callee's interval stands for one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.nanoseconds import Nanoseconds
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows


@dataclass(frozen=True)
class AnsweredCalls:
    """By row of a span: whether it is a call (`is_call`), and when the entries below it began and ended.

    A span is a call as a whole if it is a client span. Where kinds are unknown, it is one if it lies inside
    its segment and its only child is an entry. Otherwise (a server span with callees right below it) the
    callee's interval stands for the call, and the gap is unknown. `longest` is the row of the longest entry
    below.
    """

    is_call: Bools
    first: Nanoseconds
    last: Nanoseconds
    longest: Rows


def answered_calls(linked: LinkedSpans) -> AnsweredCalls:
    """Return the answered calls, derived from the entries below each span."""
    tree, callee = linked.tree, linked.answers
    call, begin, finish = tree.parent[callee], tree.start[callee], tree.end[callee]
    first, last = tree.end.copy(), tree.start.copy()
    longest = np.full(len(linked), NO_PARENT)
    first[call], last[call] = begin, finish
    np.minimum.at(first, call, begin)
    np.maximum.at(last, call, finish)
    by_length = np.argsort(finish - begin, kind="stable")
    longest[call[by_length]] = callee[by_length]  # the last of several remains
    return AnsweredCalls(_is_call(linked), first, last, longest)


def _is_call(linked: LinkedSpans) -> Bools:
    parent = linked.tree.parent
    alone = np.bincount(parent[parent != NO_PARENT], minlength=len(parent)) == 1
    is_call: Bools = linked.calling | (linked.unlabelled & ~linked.entry & alone)
    return is_call
