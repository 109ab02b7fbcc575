"""Describe segments as arrays: duration, own time, callees, and failure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools, Floats, Hashes, Ints
from incident_kit.measure.arrays.samples import distinct
from incident_kit.measure.calls.call_rows import CallRows
from incident_kit.measure.calls.linked_spans import LinkedSpans
from incident_kit.measure.spans.nanoseconds import NS_PER_MS, Nanoseconds
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.row_numbers import RowNumbers

NO_CALLEES = 0
"""Hash of an empty set of callees."""


@dataclass(frozen=True)
class SegmentRows:
    """One entry for each segment, in the order of the spans.

    `trace` is the number of the trace, `kind` the number of service and operation. `root` means no parent in
    the data. `duration_ms` is the whole duration, `own_ms` the duration without the union of the segment's
    calls, `critical_ms` the time on the trace's critical path without the calls. `callees` is a hash of the
    set of callees. `failed` is the entry's failure, `origin` a failure while none of the segment's calls
    failed.
    """

    trace: Rows
    kind: Ints
    root: Bools
    duration_ms: Floats
    own_ms: Floats
    callees: Hashes
    critical_ms: Floats
    failed: Bools
    origin: Bools


def segment_rows(
    linked: LinkedSpans, calls: CallRows, callee: RowNumbers, waited: Nanoseconds, critical_ms: Floats
) -> tuple[SegmentRows, pl.DataFrame]:
    """Return the segments, and the service and operation of each kind.

    `waited` is by entry, `critical_ms` by span and 0 for calls. `callee` numbers the callees, by call.
    """
    tree, entry = linked.tree, np.flatnonzero(linked.entry)
    kind, operations = linked.operations(entry)
    failed_call = np.zeros(len(entry), dtype=bool)
    failed_call[calls.segment[calls.failed]] = True
    length, failed = (tree.end - tree.start)[entry], linked.failed[entry]
    rows = SegmentRows(
        trace=tree.trace[entry],
        kind=kind,
        root=tree.parent[entry] == NO_PARENT,
        duration_ms=length / NS_PER_MS,
        own_ms=(length - waited[entry]) / NS_PER_MS,
        callees=_callees(calls.segment, callee, len(entry)),
        critical_ms=np.bincount(linked.segment, critical_ms, len(linked)).astype(float)[entry],
        failed=failed,
        origin=failed & ~failed_call,
    )
    return rows, operations


def _callees(segment: Rows, callee: RowNumbers, segments: int) -> Hashes:
    """Return a hash of the set of callees for each segment."""
    of_call, called = callee
    width, hashes = max(len(called), 1), called["callee"].hash().to_numpy()
    caller, once = np.divmod(distinct(segment * width + of_call), width)
    callees = np.full(segments, NO_CALLEES, dtype=np.uint64)
    np.add.at(callees, caller, hashes[once])
    return callees
