"""Evidence: calls that used to be made are made no more.

Three explanations: the caller returns early; the callee is gone and left no trace of the attempt; or an
earlier callee gave an answer that made the caller stop, so that its next calls are not its own doing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.call_structure import CallStructure
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.diagnosis.culprits.moved_durations import duration_moved
from incident_kit.diagnosis.culprits.ownership import LEAN, callee_owns
from incident_kit.measure.samples import Bools, Floats

SILENT = 0.1
"""A callee that gets less than a tenth of the calls it should get has fallen silent."""

LEAST_EXPECTED = 5.0
"""Calls it should have got, at least, for silence to mean anything."""

SAME_SIZE = 0.25
"""A callee lost calls as its caller did, if its loss is at least a quarter of the caller's."""

UNCHANGED = 0.45
"""What passes on to a callee in which nothing changed: its answer may have been wrong for all that, so it is
a rival of its caller, and neither is stated."""

DEEPEST = 16
"""Levels that blame is passed down at most."""


@dataclass(frozen=True)
class VanishedCalls:
    """By service: its own lost calls, the stops of its callers after calling it, and its silence.

    `lost`, by edge: the share of the caller's segments that make the call no more.
    """

    own: Floats
    stopped_callers: Floats
    silence: Floats
    lost: Floats


def vanished_calls(
    graph: CallGraph, compared: Comparison, structure: CallStructure, early: Floats
) -> VanishedCalls:
    """Return the effect of vanished calls, charged to whoever explains it.

    A caller's loss passes on to the callee after which it stops, if something about that callee changed
    too: it lost calls of its own or returns early (`early`, the effect by service), its other callers stop
    after it as well, or its calls took another time.
    """
    if not structure.lost.any():
        nothing = np.zeros(len(graph.names))
        return VanishedCalls(nothing, nothing, nothing, np.zeros(graph.edges))
    effect = weighted_means(
        structure.edge, graph.loss_effect(structure.lost), structure.expected, graph.edges
    )
    expected = np.bincount(structure.edge, structure.expected, graph.edges).astype(float)
    known = (expected > 0).astype(float)
    stops = _stops(graph, structure)
    raw = weighted_means(graph.caller, effect, known, len(graph.names))
    changed = _changed(graph, compared, structure, raw, raw + early)
    explained = np.bincount(graph.caller, weights=stops * changed, minlength=len(graph.names))
    silent = _silent(graph, structure)[graph.callee] * (1 - np.minimum(explained, 1.0))[graph.caller]
    # Its callers still call others, or all of them call it no more: then it is not their doing.
    theirs = silent * callee_owns(graph, effect, np.full(graph.edges, -2 * LEAN), known > 0)
    own = weighted_means(graph.caller, effect * (1 - theirs), known, len(graph.names))
    silence = weighted_means(graph.callee, effect * theirs, expected, len(graph.names))
    kept, received = _passed_down(graph, own, stops * np.where(changed, 1.0, UNCHANGED))
    lost = weighted_means(structure.edge, structure.lost, structure.expected, graph.edges)
    return VanishedCalls(kept, received, silence, lost)


def _silent(graph: CallGraph, structure: CallStructure) -> Bools:
    callee = graph.callee[structure.edge]
    expected = np.bincount(callee, weights=structure.expected, minlength=len(graph.names))
    made = np.bincount(callee, weights=structure.made, minlength=len(graph.names))
    silent: Bools = (expected >= LEAST_EXPECTED) & (made <= SILENT * expected)
    return silent


def _stops(graph: CallGraph, structure: CallStructure) -> Floats:
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


def _changed(
    graph: CallGraph, compared: Comparison, structure: CallStructure, lost: Floats, cut: Floats
) -> Bools:
    """Return by edge whether something about its callee changed that may have stopped the caller.

    By service, `lost` is the effect of lost calls, `cut` that of lost calls and early returns.
    """
    cut_too = cut[graph.callee] >= SAME_SIZE * lost[graph.caller]
    incident = compared.incident[graph.calls.trace]
    calls = np.bincount(graph.calls.edge[incident], minlength=graph.edges).astype(float)
    weight = structure.segments[structure.operation]
    stops = weighted_means(structure.edge, structure.stops, weight, graph.edges)
    everybody = callee_owns(graph, graph.loss_effect(stops), np.full(graph.edges, -2 * LEAN), calls > 0)
    changed: Bools = cut_too | (everybody > 0.5) | duration_moved(graph, compared)
    return changed & (lost[graph.caller] > 0)


def _passed_down(graph: CallGraph, own: Floats, passed: Floats) -> tuple[Floats, Floats]:
    """Return what of their own losses services keep, and what they keep of those passed on to them."""
    keeps = 1 - np.minimum(np.bincount(graph.caller, weights=passed, minlength=len(own)), 1.0)
    received, flow = np.zeros(len(own)), own.copy()
    for _ in range(DEEPEST):
        flow = np.bincount(graph.callee, flow[graph.caller] * passed, len(own)).astype(float)
        received = received + flow * keeps
    return own * keeps, received
