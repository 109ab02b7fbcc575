"""Add up all evidence against each service and dependency.

Terms: a segment is a group of spans of one service, linked by their parents, that does one piece of work. An
edge leads from a caller to a callee. An effect is how much something surely got worse; effects of delays and
of failures are on one scale. A piece of evidence is all effects of one kind against one service. A service's
suspicion is the sum of its pieces.

Example: requests take 32 ms longer. The client of `web` cannot tell these two faults apart:

                      usual   cart is slow   redis is slow
    web                5 ms        5 ms           5 ms
     └─ wait           1 ms        1 ms           1 ms
        cart           8 ms       40 ms           8 ms
         └─ redis      2 ms        2 ms          34 ms

If cart is slow, `cart` gets the piece `own_time`. `web`, which only waits, gets none. If redis is slow, the
edge cart -> redis grew. While nothing else is known, redis owns it with probability 0.67: redis gets two
thirds of the effect as `waits_to_it`, and cart one third as `waits_from_it`. Suppose `stock` sends redis the
same statement. If its calls grew too, redis owns the edge with probability 0.94; if not, with 0.25 (see
`evidence.ownership`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.evidence.added_calls import AddedCalls, added_calls
from incident_kit.diagnosis.culprits.evidence.early_returns import EarlyReturns, early_returns
from incident_kit.diagnosis.culprits.evidence.edge_time import EdgeTime, edge_time
from incident_kit.diagnosis.culprits.evidence.failures import Failures, failures, failures_on_edges
from incident_kit.diagnosis.culprits.evidence.hidden_waits import explained_by_callees, hidden_waits
from incident_kit.diagnosis.culprits.evidence.own_time import OwnTime, own_time
from incident_kit.diagnosis.culprits.evidence.ownership import callee_owns, clock_order, same_network
from incident_kit.diagnosis.culprits.evidence.unrecorded_calls import unrecorded_calls
from incident_kit.diagnosis.culprits.evidence.vanished_calls import VanishedCalls, vanished_calls
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure, call_structure
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.diagnosis.culprits.pieces import Pieces
from incident_kit.measure.arrays.array_types import Bools, Floats


@dataclass(frozen=True)
class Suspicion:
    """The pieces of evidence, and the measurements that they were made of.

    `callee_owns_wait` and `callee_owns_failure`, by edge: the probability that the callee, not the caller, is
    responsible for the edge's longer waits, or for its failures.
    """

    pieces: Pieces
    own: OwnTime
    edges: EdgeTime
    failures: Failures
    added: AddedCalls
    early: EarlyReturns
    vanished: VanishedCalls
    callee_owns_wait: Floats
    callee_owns_failure: Floats

    @property
    def total(self) -> Floats:
        """How suspect each service or dependency is; no upper bound, 0 if nothing changed."""
        return self.pieces.total


def suspicion(compared: ComparedGraph, full_suspicion: Suspicion | None = None) -> Suspicion:
    """Return how suspect each service is: its own effects, plus those of the edges that it owns.

    Edges are averaged with the square root of their calls as weight, including those that did not change.
    Unchanged edges thereby penalise an explanation that predicts changes which did not happen. Of a
    dependency's statements only the worst one counts. Neighbouring edges decide who owns an edge, so
    ownership needs all evidence. If only part of the evidence is to count, `full_suspicion` is the suspicion
    made of all evidence, and ownership is taken from it.
    """
    graph, failed, structure = compared.graph, failures(compared), call_structure(compared)
    unrecorded = unrecorded_calls(structure, failed.own_rise)
    calls = _calls(compared, structure)
    if unrecorded.segments.any():
        failed = failures_on_edges(graph, failed, unrecorded.rise)
        compared = compared.without(unrecorded.segments)
        structure = call_structure(compared)
    own, edges = own_time(compared), edge_time(compared)
    added, early = added_calls(compared), early_returns(compared)
    vanished = vanished_calls(compared, structure, early.effect)
    if full_suspicion is None:
        of_wait = _owned_waits(graph, own, edges)
        of_failure = _owned_failures(graph, failed, vanished, calls > 0, unrecorded.rise == 0)
    else:
        of_wait, of_failure = full_suspicion.callee_owns_wait, full_suspicion.callee_owns_failure
    weight = np.sqrt(calls)
    pieces = Pieces(
        own_time=own.effect * (1 - explained_by_callees(graph, own, edges, of_wait)),
        waits_to_it=_to_each(graph, edges.effect * of_wait, weight),
        waits_from_it=_from_each(graph, edges.effect * (1 - of_wait) * graph.has_client_span, weight),
        own_failures=failed.own,
        failures_to_it=_to_each(graph, failed.edge * of_failure, weight),
        failures_from_it=_from_each(graph, failed.edge * (1 - of_failure), weight),
        added_calls=added.own,
        early_returns=early.effect,
        vanished_calls=vanished.own,
        stopped_callers=vanished.stopped_callers,
        silence=vanished.silence,
    )
    return Suspicion(pieces, own, edges, failed, added, early, vanished, of_wait, of_failure)


def _owned_waits(graph: CallGraph, own: OwnTime, edges: EdgeTime) -> Floats:
    """Return by edge the probability that the callee owns its wait."""
    order, hidden = clock_order(graph, edges.effect, edges.order, own.effect), hidden_waits(graph, own, edges)
    prior_log_odds = np.where(graph.has_client_span, order, hidden.prior_log_odds) + same_network(
        graph, edges.effect, edges.order
    )
    return callee_owns(
        graph, edges.effect, prior_log_odds, edges.timed, siblings=hidden.siblings, order=edges.order
    )


def _owned_failures(
    graph: CallGraph, failed: Failures, vanished: VanishedCalls, is_called: Bools, tells: Bools
) -> Floats:
    """Return by edge the probability that the callee owns its failures.

    `tells`, by edge: whether the caller's other edges say anything about the caller.
    """
    # Where calls leave no span, a callee that others no longer reach fails these calls as well.
    failing = np.maximum(failed.edge, np.where(graph.has_client_span, 0.0, graph.loss_effect(vanished.lost)))
    return callee_owns(graph, failing, 0.0, is_called, siblings=tells)


def _to_each(graph: CallGraph, effect: Floats, weight: Floats) -> Floats:
    """Return by service the mean effect on the edges to its worst target."""
    by_target = weighted_means(graph.target, effect, weight, len(graph.target_callee))
    worst = np.zeros(len(graph.names))
    np.maximum.at(worst, graph.target_callee, by_target)
    return worst


def _from_each(graph: CallGraph, effect: Floats, weight: Floats) -> Floats:
    """Return by service the mean effect on the edges that lead from it."""
    return weighted_means(graph.caller, effect, weight, len(graph.names))


def _calls(compared: ComparedGraph, structure: CallStructure) -> Floats:
    """Return the number of calls on each edge in the incident, or the expected number if there are none."""
    made = compared.incident_calls
    return np.where(made > 0, made, structure.on_edges(structure.expected))
