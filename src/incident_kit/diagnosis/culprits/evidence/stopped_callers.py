"""Find callees after which callers stop: their answer may be why later calls vanish."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.evidence.ownership import CALLER_PRIOR, callee_owns
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats

UNUSUAL = 2.0
"""An own time is unusual if its logarithm exceeds the mean by this many standard deviations."""

SAME_SIZE = 0.25
"""A callee lost calls as its caller did if its loss is at least a quarter of the caller's."""


def stops(structure: CallStructure) -> Floats:
    """Return by edge which part of its caller's new stops come right after it."""
    graph, segments = structure.graph, structure.segments
    after = structure.on_edges(structure.stops * segments[structure.operation])
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


def last_call_share(compared: ComparedGraph) -> Floats:
    """Return by edge the share of its caller's segments that end with it: its answer may be the wrong one."""
    graph, groups = compared.graph, compared.graph.segments.by_service
    during = compared.incident_traces[groups.trace]
    last = graph.made.last[during]
    ends = np.bincount(graph.made.edge[last[last >= 0]], minlength=graph.edges)
    share: Floats = ends / np.maximum(groups.count(during), 1)[graph.caller]
    return share


def may_stop_callers(compared: ComparedGraph, structure: CallStructure, lost: Floats, cut: Floats) -> Bools:
    """Return by edge whether its callee's structure changed in a way that may have stopped the caller.

    By service, `lost` is the effect of lost calls, and `cut` that of lost calls and early returns.
    """
    graph = compared.graph
    cut_too = cut[graph.callee] >= SAME_SIZE * lost[graph.caller]
    weight = structure.segments[structure.operation]
    stop = weighted_means(structure.edge, structure.stops, weight, graph.edges)
    everybody = callee_owns(graph, graph.loss_effect(stop), CALLER_PRIOR, compared.incident_calls > 0)
    may_stop: Bools = (cut_too | (everybody > 0.5)) & (lost[graph.caller] > 0)
    return may_stop
