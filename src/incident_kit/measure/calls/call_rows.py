"""Describe calls as arrays: duration, the part outside the callee, and failure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.calls.call_candidates import NO_ANSWER
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.calls.ordered_calls import OrderedCalls
from incident_kit.measure.calls.own_stretches import OwnStretches
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.parent_rows import Rows


@dataclass(frozen=True)
class CallRows:
    """One entry for each call, ordered by segment and then by start.

    `segment` is the caller's place among the segments, `callee_segment` the callee's (-1 for a blind call),
    `trace` the number of the trace, and `kind` the number of caller, callee and operation. `duration_ms` and
    `critical_ms` are the call's. `before_ms` and `after_ms` are the call's time outside the callee (NaN if
    the call is blind or they are unknown); if the caller has no span for the call, they are the caller's own
    stretches on both sides (see `own_stretches`). `gap_ms` is the sum of both. `failed` means that the call
    or its callee failed, `origin` that it failed and the callee did not. `database` means that the call's
    attributes name a database system, `named_by_peer` that a blind call's span names its peer, `recorded`
    that the caller has a span for the call.
    """

    segment: Rows
    callee_segment: Rows
    trace: Rows
    kind: Ints
    duration_ms: Floats
    critical_ms: Floats
    before_ms: Floats
    after_ms: Floats
    gap_ms: Floats
    failed: Bools
    origin: Bools
    database: Bools
    named_by_peer: Bools
    recorded: Bools


def call_rows(
    linked: LinkedSpans, calls: OrderedCalls, stretches: OwnStretches, critical_ms: Floats
) -> CallRows:
    """Return the calls. `critical_ms` is by span; `stretches` are the own stretches around each call."""
    tree, caller_span, answer = linked.tree, calls.caller_span, calls.answer
    answered = answer != NO_ANSWER
    recorded = calls.time_row == caller_span
    before, after, gap = _waits(linked, calls, stretches)
    lost, database, named_by_peer = (
        _of_blind(linked, calls, told) for told in ("lost", "database", "named_by_peer")
    )
    callee_failed = linked.failed[answer] & answered
    call_failed = np.where(recorded, (linked.failed | lost)[caller_span], callee_failed)
    return CallRows(
        segment=linked.place[linked.segment[caller_span]],
        callee_segment=np.where(answered, linked.place[answer], NO_ANSWER),
        trace=tree.trace[caller_span],
        kind=calls.kind,
        duration_ms=(tree.end - tree.start)[calls.time_row] / NS_PER_MS,
        critical_ms=np.where(calls.is_single_call, critical_ms[caller_span], 0.0),
        before_ms=before,
        after_ms=after,
        gap_ms=gap,
        failed=call_failed | callee_failed,
        origin=call_failed & ~callee_failed,
        database=database[caller_span],
        named_by_peer=named_by_peer[caller_span],
        recorded=recorded,
    )


def _waits(
    linked: LinkedSpans, calls: OrderedCalls, stretches: OwnStretches
) -> tuple[Floats, Floats, Floats]:
    """Return before_ms, after_ms and gap_ms; for calls without a span, their caller's stretches.

    They are unknown if there is no answer, or if nobody waits for it, as for a message.
    """
    tree, caller_span, answered = linked.tree, calls.caller_span, calls.answer != NO_ANSWER
    unseen = answered & (calls.time_row != caller_span) & tree.awaited[calls.answer]
    known = answered & calls.is_single_call
    first, last = calls.below.first[caller_span], calls.below.last[caller_span]
    before = np.where(known, (first - tree.start[caller_span]) / NS_PER_MS, np.nan)
    after = np.where(known, (tree.end[caller_span] - last) / NS_PER_MS, np.nan)
    return (
        np.where(unseen, stretches.before, before),
        np.where(unseen, stretches.after, after),
        np.where(unseen, stretches.around, before + after),
    )


def _of_blind(linked: LinkedSpans, calls: OrderedCalls, told: str) -> Bools:
    """Return the flag `told` of the blind calls by span; false for all other spans."""
    of_span = np.zeros(len(linked), dtype=bool)
    of_span[calls.blind["span"].filter(calls.blind[told]).to_numpy()] = True
    return of_span
