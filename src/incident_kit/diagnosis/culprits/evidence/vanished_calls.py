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
from incident_kit.diagnosis.culprits.evidence.ownership import CALLEE_PRIOR, callee_owns
from incident_kit.diagnosis.culprits.evidence.passed_blame import (
    goes_on,
    last_call_share,
    only_lost_callee,
    passed_down,
    refused,
    silent,
    stops,
)
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats

SAME_SIZE = 0.25
"""A callee lost calls as its caller did if its loss is at least a quarter of the caller's."""

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
    expected = np.bincount(structure.edge, structure.expected, graph.edges).astype(float)
    known = (expected > 0).astype(float)
    caller_loss = weighted_means(graph.caller, effect, known, services)
    blame = _hand_over(compared, structure, effect, caller_loss, early)
    own = weighted_means(graph.caller, effect * (1 - blame.callee_share), known, services)
    silence = weighted_means(graph.callee, effect * blame.callee_share, expected, services)
    kept, received = passed_down(graph, own, blame.passed)
    unreachable = np.bincount(graph.callee, blame.unreachable, services) > 0
    return VanishedCalls(
        own=kept,
        stopped_callers=np.where(unreachable, 0.0, received),
        silence=silence + np.where(unreachable, received, 0.0),
        lost=weighted_means(structure.edge, structure.lost, structure.expected, graph.edges),
        missed=_missed(graph, structure),
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
    stopping = stops(graph, structure) * (1 - goes_on(compared, structure))
    changed = _changed(compared, structure, caller_loss, caller_loss + early) | (moved & loses)
    only_lost = only_lost_callee(graph, structure)
    callee_share = np.maximum(_silenced(graph, structure, effect, stopping * changed), only_lost)
    expected = np.bincount(structure.edge, structure.expected, graph.edges).astype(float)
    unreachable = np.maximum(refused(graph, effect, expected), only_lost)
    reached = 1 - np.bincount(graph.caller, unreachable, len(graph.names))[graph.caller]
    after_last_call = np.where(loses, 0.0, last_call_share(compared))
    passed = unreachable + reached * stopping * np.where(changed, 1.0, UNCHANGED)
    passed += after_last_call * np.where(moved, 1.0, UNCHANGED)
    return _HandOver(callee_share, unreachable, passed)


def _missed(graph: CallGraph, structure: CallStructure) -> Floats:
    callee = graph.callee[structure.edge]
    made, expected = (
        np.bincount(callee, calls, len(graph.names)) for calls in (structure.made, structure.expected)
    )
    missed: Floats = 1 - np.minimum(made / np.maximum(expected, 1e-9), 1.0)
    return missed


def _silenced(graph: CallGraph, structure: CallStructure, effect: Floats, explained: Floats) -> Floats:
    """Return by edge, if callers record their calls, which part of its effect is its callee's silence.

    The callee is silent through no doing of its callers if they still call others, or if all of them stopped
    calling it. `explained`: the part of the caller's stops that another callee's answer explains.

    That the caller calls others does not clear it if the callee records no spans. Each database has a pool of
    its own within the caller, and a call that gets no connection from the pool leaves no span either.
    """
    explained_share = np.minimum(np.bincount(graph.caller, explained, len(graph.names)), 1.0)
    quiet = silent(graph, structure)[graph.callee] & graph.has_client_span
    known = np.bincount(structure.edge, structure.expected, graph.edges) > 0
    no_prior = np.full(graph.edges, -2 * CALLEE_PRIOR)
    owned = callee_owns(graph, effect, no_prior, known)
    blind = np.array([statement is not None for statement in graph.statements], dtype=bool)
    alone = callee_owns(graph, effect, no_prior, known, siblings=~blind)
    owned = np.where(blind, np.minimum(owned, alone), owned)
    part: Floats = quiet * (1 - explained_share)[graph.caller] * owned
    return part


def _changed(compared: ComparedGraph, structure: CallStructure, lost: Floats, cut: Floats) -> Bools:
    """Return by edge whether its callee's structure changed in a way that may have stopped the caller.

    By service, `lost` is the effect of lost calls, and `cut` that of lost calls and early returns.
    """
    graph, calls = compared.graph, compared.observed.calls[compared.incident_stretches].sum(axis=0)
    cut_too = cut[graph.callee] >= SAME_SIZE * lost[graph.caller]
    weight = structure.segments[structure.operation]
    stop = weighted_means(structure.edge, structure.stops, weight, graph.edges)
    everybody = callee_owns(
        graph, graph.loss_effect(stop), np.full(graph.edges, -2 * CALLEE_PRIOR), calls > 0
    )
    changed: Bools = (cut_too | (everybody > 0.5)) & (lost[graph.caller] > 0)
    return changed
