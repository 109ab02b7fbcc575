"""Which calls a service's operations make, and after which of them they stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.measure.rate_changes import Counts, rate_changes
from incident_kit.measure.samples import Bools, Floats, Ints, Sample, distinct, distinct_traces


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


def call_structure(graph: CallGraph, compared: Comparison, counted: Bools) -> CallStructure:
    """Return how the structure of calls changed, operation by operation.

    So a change of the workload's mix is no change. Only `counted` segments count: those that no failure
    further down disturbed.
    """
    segments, edges = graph.segments, max(graph.edges, 1)
    operations = len(segments.operation_service)
    sample = Sample(segments.operation, segments.own.trace, np.zeros(0), operations)
    segment, made_edge = np.divmod(distinct(graph.calls.segment * edges + graph.calls.edge), edges)
    pairs, pair = np.unique(segments.operation[segment] * edges + made_edge, return_inverse=True)
    operation, edge = np.divmod(pairs, edges)
    last = np.full(len(segments.operation), -1)
    # Calls stand in order of their start within a segment: the last one written is the last one made.
    last[graph.calls.segment] = graph.calls.edge
    before, after = (
        _Counted(graph, sample, traces[sample.trace] & counted)
        for traces in (compared.baseline, compared.incident)
    )

    def calling(counted: _Counted) -> Floats:
        return np.bincount(pair[counted.rows[segment]], minlength=len(pairs)).astype(float)

    def stopping(counted: _Counted) -> Floats:
        rows = counted.rows & (last >= 0)
        place = np.searchsorted(pairs, segments.operation[rows] * edges + last[rows])
        return np.bincount(place, minlength=len(pairs)).astype(float)

    def idle(counted: _Counted) -> Counts:
        rows = counted.rows & (last < 0)
        happened = np.bincount(segments.operation[rows], minlength=operations).astype(float)
        return Counts(happened, counted.of, counted.traces)

    def rise(usual: Counts, now: Counts) -> Floats:
        return rate_changes(usual, now, compared.comparisons)

    of_before, of_after = before.of[operation], after.of[operation]
    made_before, made = calling(before), calling(after)
    share = np.divide(made_before, of_before, out=np.zeros(len(pairs)), where=of_before > 0)
    calls_out = np.bincount(operation, weights=share, minlength=operations) > 0
    return CallStructure(
        operation=operation,
        edge=edge,
        lost=rise(before.at(operation, of_before - made_before), after.at(operation, of_after - made)),
        stops=rise(before.at(operation, stopping(before)), after.at(operation, stopping(after))),
        expected=of_after * share,
        made=made,
        stops_at_once=np.where(calls_out, rise(idle(before), idle(after)), 0.0),
        segments=after.of,
    )


class _Counted:
    """Segments by operation among the chosen rows, and their distinct traces."""

    def __init__(self, graph: CallGraph, sample: Sample, rows: Bools) -> None:
        self.rows = rows
        self.of = np.bincount(graph.segments.operation[rows], minlength=sample.keys).astype(float)
        self.traces = distinct_traces(sample, rows)

    def at(self, operation: Ints, happened: Floats) -> Counts:
        return Counts(happened, self.of[operation], self.traces[operation])
