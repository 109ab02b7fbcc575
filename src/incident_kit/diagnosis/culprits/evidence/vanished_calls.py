"""Evidence: calls that used to be made are no longer made.

There are three explanations. The caller returns early. The callee is gone, and the attempt left no trace. Or
an earlier callee gave an answer that made the caller stop, so that the missing later calls are not its doing:

    usual      checkout -> cart, checkout -> payment, checkout -> email
    incident   checkout -> cart, checkout -> payment

The loss of `email` may be due to checkout (it returns early), to email (it cannot be reached), or to payment
(its answer made checkout stop). What else changed decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.evidence.moved_durations import duration_moved
from incident_kit.diagnosis.culprits.evidence.stopped_callers import (
    goes_on,
    last_call_share,
    may_stop_callers,
    stops,
)
from incident_kit.diagnosis.culprits.evidence.unreachable import only_lost_callee, refused, silenced
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Floats

MAX_DEPTH = 16
"""Blame is passed down at most this many levels."""

UNCHANGED = 0.45
"""The part of a loss that passes on to a callee in which nothing changed. Its answer may still have been
wrong, so it is a rival of its caller, and neither is stated."""


@dataclass(frozen=True)
class VanishedCalls:
    """By service: its own lost calls, the stops of its callers after calling it, and its silence.

    `lost`, by edge: the share of the caller's segments that no longer make the call. `missed`, by service:
    the share of the calls that it should get and does not.
    """

    own: Floats
    stopped_callers: Floats
    silence: Floats
    lost: Floats
    missed: Floats


def vanished_calls(compared: ComparedGraph, structure: CallStructure, early: Floats) -> VanishedCalls:
    """Return the effect of vanished calls, charged to whichever service explains it.

    A caller's loss passes on to the callee that it could not reach, if that attempt left no span. Otherwise
    it passes on to the callee after which the caller stops, if something about that callee changed too: it
    lost calls of its own or returns early (`early`, the effect by service), its other callers stop after it
    as well, or its calls took another time.
    """
    graph, services = compared.graph, len(compared.graph.names)
    if not structure.lost.any():
        nothing = np.zeros(services)
        return VanishedCalls(nothing, nothing, nothing, np.zeros(graph.edges), nothing)
    effect = weighted_means(
        structure.edge, graph.loss_effect(structure.lost), structure.expected, graph.edges
    )
    expected = structure.on_edges(structure.expected)
    known = (expected > 0).astype(float)
    caller_loss = weighted_means(graph.caller, effect, known, services)
    blame = _hand_over(compared, structure, effect, caller_loss, early)
    own = weighted_means(graph.caller, effect * (1 - blame.callee_share), known, services)
    silence = weighted_means(graph.callee, effect * blame.callee_share, expected, services)
    kept, received = _passed_down(graph, own, blame.passed)
    unreachable = np.bincount(graph.callee, blame.unreachable, services) > 0
    made, due = structure.to_callees(structure.made), structure.to_callees(structure.expected)
    return VanishedCalls(
        own=kept,
        stopped_callers=np.where(unreachable, 0.0, received),
        silence=silence + np.where(unreachable, received, 0.0),
        lost=weighted_means(structure.edge, structure.lost, structure.expected, graph.edges),
        missed=1 - np.minimum(made / np.maximum(due, 1e-9), 1.0),
    )


@dataclass(frozen=True)
class _HandOver:
    """By edge, the parts of its caller's losses that are handed over to its callee.

    `callee_share`: of the loss on this edge, because the callee fell silent. `unreachable`: because it could
    not be reached. `passed`: of all losses that the caller is left with, for any reason.
    """

    callee_share: Floats
    unreachable: Floats
    passed: Floats


def _hand_over(
    compared: ComparedGraph, structure: CallStructure, effect: Floats, caller_loss: Floats, early: Floats
) -> _HandOver:
    """Return which losses are the callees': `effect` is by edge, `caller_loss` and `early` are by service."""
    graph, loses = compared.graph, (caller_loss > 0)[compared.graph.caller]
    moved = duration_moved(compared)
    stopping = stops(structure) * (1 - goes_on(compared, structure))
    may_stop = may_stop_callers(compared, structure, caller_loss, caller_loss + early) | (moved & loses)
    only_lost = only_lost_callee(structure)
    callee_share = np.maximum(silenced(structure, effect, stopping * may_stop), only_lost)
    unreachable = np.maximum(refused(structure, effect), only_lost)
    reached = 1 - np.bincount(graph.caller, unreachable, len(graph.names))[graph.caller]
    after_last_call = np.where(loses, 0.0, last_call_share(compared))
    passed = unreachable + reached * stopping * np.where(may_stop, 1.0, UNCHANGED)
    passed += after_last_call * np.where(moved, 1.0, UNCHANGED)
    return _HandOver(callee_share, unreachable, passed)


def _passed_down(graph: CallGraph, own: Floats, passed: Floats) -> tuple[Floats, Floats]:
    """Return the part of their own losses that services keep, and the part of those passed on to them."""
    keeps = 1 - np.minimum(np.bincount(graph.caller, weights=passed, minlength=len(own)), 1.0)
    received, flow = np.zeros(len(own)), own.copy()
    for _ in range(MAX_DEPTH):
        flow = np.bincount(graph.callee, flow[graph.caller] * passed, len(own)).astype(float)
        received = received + flow * keeps
    return own * keeps, received
