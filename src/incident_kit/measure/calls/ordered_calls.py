"""List all calls, answered or blind, ordered by segment and then by start."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.samples import codes_and_index
from incident_kit.measure.calls.answered_calls import AnsweredCalls, answered_calls
from incident_kit.measure.calls.blind_calls import blind_calls
from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.row_numbers import RowNumbers, row_numbers

CALL = ["caller", "callee", "operation"]


@dataclass(frozen=True)
class OrderedCalls:
    """One entry for each call, with three rows of spans: caller, answering entry (-1 if none), times.

    `caller_span` is the call's own span, or the span that made the call without a span for it; in that case
    `time_row` is the callee's span. `is_single_call` means that the caller's span is this call and no other,
    so the time around the callee is known. `kind` is the index of caller, callee and operation (the callee's,
    or the call's own if blind) in `kinds`. `blind` is the table of `blind_calls`. `below` describes the spans
    as calls of the entries below them.
    """

    caller_span: Rows
    answer: Rows
    time_row: Rows
    is_single_call: Bools
    kind: Ints
    kinds: pl.DataFrame
    blind: pl.DataFrame
    below: AnsweredCalls

    @property
    def callee(self) -> RowNumbers:
        """Number of each call's callee, and the callees."""
        of_kind, callees = row_numbers(self.kinds, ["callee"])
        return of_kind[self.kind], callees


def ordered_calls(linked: LinkedSpans, executor: ThreadPoolExecutor) -> OrderedCalls:
    """Return the calls. A thread of `executor` searches for the answered calls meanwhile."""
    answered, blind = executor.submit(answered_calls, linked), blind_calls(linked)
    below, tree, span = answered.result(), linked.tree, blind["span"].to_numpy()
    caller_span = np.append(tree.parent[linked.answers], span)
    answer = np.append(linked.answers, np.full(len(span), NO_ANSWER))
    time_row = np.where(below.is_call[caller_span] | (answer == NO_ANSWER), caller_span, answer)
    kind, kinds = _kinds(linked, blind)
    order = _order(linked.segment[caller_span], tree.start[time_row], tree.end[time_row])
    caller_span, answer, time_row = caller_span[order], answer[order], time_row[order]
    awaited = (answer == NO_ANSWER) | tree.awaited[answer]
    is_single_call = (time_row == caller_span) & (below.longest[caller_span] == answer) & awaited
    return OrderedCalls(caller_span, answer, time_row, is_single_call, kind[order], kinds, blind, below)


def _order(segment: Rows, start: Ints, end: Ints) -> Rows:
    by = pl.DataFrame({"segment": segment, "start": start, "end": end})
    return by.select(pl.arg_sort_by("segment", "start", "end")).to_series().to_numpy()


def _kinds(linked: LinkedSpans, blind: pl.DataFrame) -> RowNumbers:
    """Return the numbers of caller, callee and operation, first for answered and then for blind calls."""
    named, names = linked.named, linked.names
    codes, number = codes_and_index(
        named[linked.tree.parent[linked.answers]] * len(names) + named[linked.answers]
    )
    caller, callee = np.divmod(codes, max(len(names), 1))
    answered = names.select(callee="service", operation="operation")[callee]
    answered = answered.select(names["service"].gather(caller).alias("caller"), pl.all())
    of, kinds = row_numbers(pl.concat([answered, blind.select(CALL)]), CALL)
    return np.append(of[: len(codes)][number], of[len(codes) :]), kinds
