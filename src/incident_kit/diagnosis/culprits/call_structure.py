"""Which calls a service's operations make, and after which of them they stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph
from incident_kit.diagnosis.culprits.counted_segments import CountedSegments
from incident_kit.measure.rate_changes import Counts, rate_changes
from incident_kit.measure.samples import Floats, Ints


@dataclass(frozen=True)
class CallStructure:
    """By (operation, edge): how the share of the operation's segments changed that make that call.

    `lost`: by how much the share without the call rose; `stops`: by how much the share rose whose last
    call it is; `expected` and `made`: segments that should make it, and do. `stops_at_once`, by operation:
    by how much the share rose that makes no call at all. `segments`, by operation: how many there are.
    """

    operation: Ints
    edge: Ints
    lost: Floats
    stops: Floats
    expected: Floats
    made: Floats
    stops_at_once: Floats
    segments: Floats


def call_structure(
    graph: CallGraph, before: CountedSegments, after: CountedSegments, comparisons: int
) -> CallStructure:
    """Return how the structure of calls changed, operation by operation, as one of many `comparisons`.

    So a change of the workload's mix is no change. Only segments count that no failure further down
    disturbed.
    """
    made, groups = graph.made, graph.segments.by_operation
    operation, pairs = made.operation, len(made.edge)

    def calling(chosen: CountedSegments) -> Floats:
        return np.bincount(made.key[chosen.rows[made.segment]], minlength=pairs).astype(float)

    def stopping(chosen: CountedSegments) -> Floats:
        return np.bincount(made.last[chosen.rows & (made.last >= 0)], minlength=pairs).astype(float)

    def idle(chosen: CountedSegments) -> Counts:
        return Counts(groups.count(chosen.rows & (made.last < 0)), chosen.of, chosen.traces)

    def rise(usual: Counts, now: Counts) -> Floats:
        return rate_changes(usual, now, comparisons)

    of_before, of_after = before.of[operation], after.of[operation]
    made_before, made_after = calling(before), calling(after)
    share = np.divide(made_before, of_before, out=np.zeros(pairs), where=of_before > 0)
    calls_out = np.bincount(operation, weights=share, minlength=groups.keys) > 0
    return CallStructure(
        operation=operation,
        edge=made.edge,
        lost=rise(before.at(operation, of_before - made_before), after.at(operation, of_after - made_after)),
        stops=rise(before.at(operation, stopping(before)), after.at(operation, stopping(after))),
        expected=of_after * share,
        made=made_after,
        stops_at_once=np.where(calls_out, rise(idle(before), idle(after)), 0.0),
        segments=after.of,
    )
