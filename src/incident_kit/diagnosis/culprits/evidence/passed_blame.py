"""To whom the blame for lost calls passes: callees out of reach, and those after which callers stop."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.evidence.ownership import LEAN, callee_owns
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.measure.arrays.array_types import Bools, Floats

SILENT = 0.1
"""A callee that gets less than a tenth of the calls it should get has fallen silent."""

LEAST_EXPECTED = 5.0
"""Calls it should have got, at least, for silence to mean anything."""

AS_LARGE = 0.5
"""Of losses at least half as large as a caller's largest the earliest is what the others come of."""

DEEPEST = 16
"""Levels that blame is passed down at most."""


def silent(graph: CallGraph, structure: CallStructure) -> Bools:
    """Return by service whether it gets next to none of the calls it should get."""
    callee = graph.callee[structure.edge]
    expected = np.bincount(callee, weights=structure.expected, minlength=len(graph.names))
    made = np.bincount(callee, weights=structure.made, minlength=len(graph.names))
    quiet: Bools = (expected >= LEAST_EXPECTED) & (made <= SILENT * expected)
    return quiet


def silent_alone(graph: CallGraph, structure: CallStructure) -> Bools:
    """Return by edge whether its callee is all that its caller's operations lost altogether, of several lost.

    An operation that returns early loses what it would have called later all alike. What is gone in every
    request, where others are gone in some, was not there to be called, and those are what became of that.
    """
    edge, operation = structure.edge, structure.operation
    less = structure.lost > 0
    whole = less & (structure.made <= SILENT * structure.expected)
    of_several, among_others = (
        np.bincount(operation, which, len(structure.segments))[operation] > 1 for which in (less, whole)
    )
    gone = whole & silent(graph, structure)[graph.callee[edge]]
    alone, beside = (
        np.bincount(edge, gone & which, graph.edges) > 0
        for which in (of_several & ~among_others, among_others)
    )
    result: Bools = alone & ~beside & graph.recorded
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


def refused(graph: CallGraph, effect: Floats, expected: Floats) -> Floats:
    """Return by edge which part of its caller's losses comes of a callee that could not be reached.

    Where callers record no client spans, a refused call leaves no span at all. Of the callees that lost about
    as much the one whose turn comes first is the one; what the caller would have called later tells nothing.
    """
    gone = np.zeros(graph.edges)
    even = np.full(graph.edges, -LEAN)  # the caller may as well have returned early
    less = ~graph.recorded & (effect > 0)
    for caller in np.unique(graph.caller[less]):
        lost = np.where(less & (graph.caller == caller), effect, 0.0)
        edges = np.flatnonzero(lost >= AS_LARGE * lost.max())
        first = edges[np.argmin(graph.turn[edges])]
        told = (expected > 0) & ((graph.caller != caller) | (graph.turn <= graph.turn[first]))
        gone[first] = callee_owns(graph, effect, even, told)[first]
    return gone


def handed_on(compared: ComparedGraph) -> Floats:
    """Return by edge in which share of its caller's segments it is the last call: the last to go wrong."""
    graph, groups = compared.graph, compared.graph.segments.by_service
    during = compared.incident[groups.trace]
    last = graph.made.last[during]
    ends = np.bincount(graph.made.edge[last[last >= 0]], minlength=graph.edges)
    share: Floats = ends / np.maximum(groups.count(during), 1)[graph.caller]
    return share


def passed_down(graph: CallGraph, own: Floats, passed: Floats) -> tuple[Floats, Floats]:
    """Return what of their own losses services keep, and what they keep of those passed on to them."""
    keeps = 1 - np.minimum(np.bincount(graph.caller, weights=passed, minlength=len(own)), 1.0)
    received, flow = np.zeros(len(own)), own.copy()
    for _ in range(DEEPEST):
        flow = np.bincount(graph.callee, flow[graph.caller] * passed, len(own)).astype(float)
        received = received + flow * keeps
    return own * keeps, received
