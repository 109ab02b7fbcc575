"""Pass the blame for lost calls on: to callees out of reach, and to callees after which callers stop."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.evidence.ownership import CALLEE_PRIOR, callee_owns
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats

SILENT = 0.1
"""A callee that gets at most a tenth of the calls it should get has fallen silent."""

MIN_EXPECTED = 5.0
"""Silence means something only if the callee should have got at least this many calls."""

AS_LARGE = 0.5
"""Several of a caller's losses may be at least half as large as its largest. The earliest of them is taken to
cause the others."""

UNUSUAL = 2.0
"""An own time is unusual if its logarithm exceeds the mean by this many standard deviations."""

MAX_DEPTH = 16
"""Blame is passed down at most this many levels."""


def silent(graph: CallGraph, structure: CallStructure) -> Bools:
    """Return by service whether it gets hardly any of the calls it should get."""
    callee = graph.callee[structure.edge]
    expected = np.bincount(callee, weights=structure.expected, minlength=len(graph.names))
    made = np.bincount(callee, weights=structure.made, minlength=len(graph.names))
    quiet: Bools = (expected >= MIN_EXPECTED) & (made <= SILENT * expected)
    return quiet


def only_lost_callee(graph: CallGraph, structure: CallStructure) -> Bools:
    """Return by edge whether its callee is the only one that the caller's operations lost altogether.

    Only operations that lost several callees count. An operation that returns early loses all later calls
    alike. A callee that is missing in every request, while others are missing in some, could not be called;
    the other losses follow from that.
    """
    edge, operation = structure.edge, structure.operation
    lost = structure.lost > 0
    whole = lost & (structure.made <= SILENT * structure.expected)
    lost_several, among_others = (
        np.bincount(operation, which, len(structure.segments))[operation] > 1 for which in (lost, whole)
    )
    unreachable = whole & silent(graph, structure)[graph.callee[edge]]
    only_loss, one_of_several = (
        np.bincount(edge, unreachable & which, graph.edges) > 0
        for which in (lost_several & ~among_others, among_others)
    )
    result: Bools = only_loss & ~one_of_several & graph.has_client_span
    return result


def stops(graph: CallGraph, structure: CallStructure) -> Floats:
    """Return by edge which part of its caller's new stops come right after it."""
    segments = structure.segments
    after = np.bincount(
        structure.edge, weights=structure.stops * segments[structure.operation], minlength=graph.edges
    )
    caller = graph.segments.operation_service
    at_once = np.bincount(caller, weights=structure.stops_at_once * segments, minlength=len(graph.names))
    total = at_once + np.bincount(graph.caller, weights=after, minlength=len(graph.names))
    parts: Floats = np.divide(after, total[graph.caller], out=np.zeros(graph.edges), where=after > 0)
    return parts


def goes_on(compared: ComparedGraph, structure: CallStructure) -> Floats:
    """Return by edge which part of the segments that newly end with it goes on for unusually long after it.

    A caller that stops because of an answer stops at once. One that goes on for longer than it ever works
    waits for something else: a connection from its pool, a lock, a service that it has no span for. Its own
    time is compared, because the callee may be slow as well.
    """
    graph, groups, own = compared.graph, compared.graph.segments.by_operation, compared.graph.segments.own
    level, operation = np.log(np.maximum(own.value, 0.0) + own.floor), groups.key
    usual = compared.baseline_traces[groups.trace].astype(float)
    mean = weighted_means(operation, level, usual, groups.keys)
    variance = weighted_means(operation, (level - mean[operation]) ** 2, usual, groups.keys)
    last, now = graph.made.last, compared.incident_traces[groups.trace] & compared.counted
    ends = now & (last >= 0) & (structure.stops > 0)[last]
    late = ends & (level > (mean + UNUSUAL * np.sqrt(variance))[operation])
    late_ends, all_ends = (
        np.bincount(graph.made.edge[last[which]], minlength=graph.edges) for which in (late, ends)
    )
    part: Floats = late_ends / np.maximum(all_ends, 1) * graph.has_client_span
    return part


def refused(graph: CallGraph, effect: Floats, expected: Floats) -> Floats:
    """Return by edge which part of its caller's losses is due to a callee that could not be reached.

    If callers record no client spans, a refused call leaves no span at all. Among the callees that lost about
    as much, the one called first is taken to be unreachable; what the caller would have called later tells
    nothing.
    """
    unreachable = np.zeros(graph.edges)
    # The prior is taken back, because the caller may as well have returned early.
    no_prior = np.full(graph.edges, -CALLEE_PRIOR)
    lost_calls = ~graph.has_client_span & (effect > 0)
    for caller in np.unique(graph.caller[lost_calls]):
        lost = np.where(lost_calls & (graph.caller == caller), effect, 0.0)
        edges = np.flatnonzero(lost >= AS_LARGE * lost.max())
        first = edges[np.argmin(graph.mean_position[edges])]
        comparable = (expected > 0) & (
            (graph.caller != caller) | (graph.mean_position <= graph.mean_position[first])
        )
        unreachable[first] = callee_owns(graph, effect, no_prior, comparable)[first]
    return unreachable


def last_call_share(compared: ComparedGraph) -> Floats:
    """Return by edge the share of its caller's segments that end with it: its answer may be the wrong one."""
    graph, groups = compared.graph, compared.graph.segments.by_service
    during = compared.incident_traces[groups.trace]
    last = graph.made.last[during]
    ends = np.bincount(graph.made.edge[last[last >= 0]], minlength=graph.edges)
    share: Floats = ends / np.maximum(groups.count(during), 1)[graph.caller]
    return share


def passed_down(graph: CallGraph, own: Floats, passed: Floats) -> tuple[Floats, Floats]:
    """Return the part of their own losses that services keep, and the part of those passed on to them."""
    keeps = 1 - np.minimum(np.bincount(graph.caller, weights=passed, minlength=len(own)), 1.0)
    received, flow = np.zeros(len(own)), own.copy()
    for _ in range(MAX_DEPTH):
        flow = np.bincount(graph.callee, flow[graph.caller] * passed, len(own)).astype(float)
        received = received + flow * keeps
    return own * keeps, received
