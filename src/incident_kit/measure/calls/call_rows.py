"""Calls as arrays: how long each took, what of that its callee had, and whether it failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.calls.ordered_calls import OrderedCalls
from incident_kit.measure.calls.own_stretches import OwnStretches
from incident_kit.measure.calls.waiting_spans import NOBODY
from incident_kit.measure.spans.parent_rows import Rows
from incident_kit.measure.spans.span_tree import NS_PER_MS


@dataclass(frozen=True)
class CallRows:
    """One entry a call, in the order of their segments, and there of their start.

    segment (the caller's place), callee_segment (-1 if blind), trace, kind (the number of caller, callee and
    operation), duration_ms, critical_ms, before_ms and after_ms (the call's time outside the callee; NaN if
    blind or not known; where the caller has no span for it, the caller's own stretches on both sides, see
    `own_stretches`), gap_ms (both together), failed, origin (failed, and the callee did not),
    database (the call's attributes name a database system), named_by_peer (a blind call whose span names its
    peer), recorded (the caller has a span for it).
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
    """Return the calls; `critical_ms` is by span, `stretches` are those of their segments around them."""
    tree, above, answer = linked.tree, calls.above, calls.answer
    answered = answer != NOBODY
    recorded = calls.timed == above
    before, after, gap = _waits(linked, calls, stretches)
    lost, database, named_by_peer = (
        _of_blind(linked, calls, told) for told in ("lost", "database", "named_by_peer")
    )
    callee_failed = linked.failed[answer] & answered
    call_failed = np.where(recorded, (linked.failed | lost)[above], callee_failed)
    return CallRows(
        segment=linked.place[linked.segment[above]],
        callee_segment=np.where(answered, linked.place[answer], NOBODY),
        trace=tree.trace[above],
        kind=calls.kind,
        duration_ms=(tree.end - tree.start)[calls.timed] / NS_PER_MS,
        critical_ms=np.where(calls.alone, critical_ms[above], 0.0),
        before_ms=before,
        after_ms=after,
        gap_ms=gap,
        failed=call_failed | callee_failed,
        origin=call_failed & ~callee_failed,
        database=database[above],
        named_by_peer=named_by_peer[above],
        recorded=recorded,
    )


def _waits(
    linked: LinkedSpans, calls: OrderedCalls, stretches: OwnStretches
) -> tuple[Floats, Floats, Floats]:
    """Return before_ms, after_ms and gap_ms; of calls without a span their caller's stretches.

    They are unknown where nobody waits for the answer, for a message, and where there is none.
    """
    tree, above, answered = linked.tree, calls.above, calls.answer != NOBODY
    unseen = answered & (calls.timed != above) & tree.waits[calls.answer]
    known = answered & calls.alone
    first, last = calls.below.first[above], calls.below.last[above]
    before = np.where(known, (first - tree.start[above]) / NS_PER_MS, np.nan)
    after = np.where(known, (tree.end[above] - last) / NS_PER_MS, np.nan)
    return (
        np.where(unseen, stretches.before, before),
        np.where(unseen, stretches.after, after),
        np.where(unseen, stretches.around, before + after),
    )


def _of_blind(linked: LinkedSpans, calls: OrderedCalls, told: str) -> Bools:
    """Return by span what is told of blind calls, which no other span is."""
    of_span = np.zeros(len(linked), dtype=bool)
    of_span[calls.blind["span"].filter(calls.blind[told]).to_numpy()] = True
    return of_span
