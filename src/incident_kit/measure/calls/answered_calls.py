"""Calls that somebody answered: which span is the call, and when the callees below it were at work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_tree import Nanoseconds


@dataclass(frozen=True)
class AnsweredCalls:
    """By row of the span above: whether it `is_call`, all of it; when the entries below it began and ended.

    It is if it is a client; or, where kinds are unknown, if it is inside its segment and has that entry as
    its only child. Otherwise (a server span with callees right below it) the callee's interval stands for
    the call, and the gap is unknown. `longest` is the row of the entry that took longest.
    """

    is_call: Bools
    first: Nanoseconds
    last: Nanoseconds
    longest: Rows


def answered_calls(linked: LinkedSpans) -> AnsweredCalls:
    """Return what the entries below each span tell of it as a call."""
    tree, callee = linked.tree, linked.answers
    call, begin, finish = tree.parent[callee], tree.start[callee], tree.end[callee]
    first, last = tree.end.copy(), tree.start.copy()
    longest = np.full(len(linked), NO_PARENT)
    first[call], last[call] = begin, finish
    np.minimum.at(first, call, begin)
    np.maximum.at(last, call, finish)
    by_length = np.argsort(finish - begin, kind="stable")
    longest[call[by_length]] = callee[by_length]  # of several the last in order stays
    return AnsweredCalls(_is_call(linked), first, last, longest)


def _is_call(linked: LinkedSpans) -> Bools:
    parent = linked.tree.parent
    alone = np.bincount(parent[parent != NO_PARENT], minlength=len(parent)) == 1
    is_call: Bools = linked.calling | (linked.unlabelled & ~linked.entry & alone)
    return is_call
