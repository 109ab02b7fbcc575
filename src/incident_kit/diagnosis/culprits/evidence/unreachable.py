"""Find callees that cannot be reached: the calls to them vanish through no doing of their callers."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.evidence.ownership import CALLER_PRIOR, NO_PRIOR, callee_owns
from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.measure.arrays.array_types import Bools, Floats

SILENT = 0.1
"""A callee that gets at most a tenth of the calls it should get has fallen silent."""

MIN_EXPECTED = 5.0
"""Silence means something only if the callee should have got at least this many calls."""

AS_LARGE = 0.5
"""Several of a caller's losses may be at least half as large as its largest. The earliest of them is taken to
cause the others."""


def silent(structure: CallStructure) -> Bools:
    """Return by service whether it gets hardly any of the calls it should get."""
    expected, made = structure.to_callees(structure.expected), structure.to_callees(structure.made)
    quiet: Bools = (expected >= MIN_EXPECTED) & (made <= SILENT * expected)
    return quiet


def only_lost_callee(structure: CallStructure) -> Bools:
    """Return by edge whether its callee is the only one that the caller's operations lost altogether.

    Only operations that lost several callees count. An operation that returns early loses all later calls
    alike. A callee that is missing in every request, while others are missing in some, could not be called;
    the other losses follow from that.
    """
    graph, edge, operation = structure.graph, structure.edge, structure.operation
    lost = structure.lost > 0
    whole = lost & (structure.made <= SILENT * structure.expected)
    lost_several, among_others = (
        np.bincount(operation, which, len(structure.segments))[operation] > 1 for which in (lost, whole)
    )
    unreachable = whole & silent(structure)[graph.callee[edge]]
    only_loss, one_of_several = (
        np.bincount(edge, unreachable & which, graph.edges) > 0
        for which in (lost_several & ~among_others, among_others)
    )
    result: Bools = only_loss & ~one_of_several & graph.has_client_span
    return result


def silenced(structure: CallStructure, effect: Floats, explained: Floats) -> Floats:
    """Return by edge, if callers record their calls, which part of its effect is its callee's silence.

    The callee is silent through no doing of its callers if they still call others, or if all of them stopped
    calling it. `explained`: the part of the caller's stops that another callee's answer explains.

    That the caller calls others does not clear it if the callee records no spans. Each database has a pool of
    its own within the caller, and a call that gets no connection from the pool leaves no span either.
    """
    graph = structure.graph
    explained_share = np.minimum(np.bincount(graph.caller, explained, len(graph.names)), 1.0)
    quiet = silent(structure)[graph.callee] & graph.has_client_span
    known = structure.on_edges(structure.expected) > 0
    owned = callee_owns(graph, effect, CALLER_PRIOR, known)
    blind = np.array([statement is not None for statement in graph.statements], dtype=bool)
    alone = callee_owns(graph, effect, CALLER_PRIOR, known, siblings=~blind)
    owned = np.where(blind, np.minimum(owned, alone), owned)
    part: Floats = quiet * (1 - explained_share)[graph.caller] * owned
    return part


def refused(structure: CallStructure, effect: Floats) -> Floats:
    """Return by edge which part of its caller's losses is due to a callee that could not be reached.

    If callers record no client spans, a refused call leaves no span at all. Among the callees that lost about
    as much, the one called first is taken to be unreachable; what the caller would have called later tells
    nothing.
    """
    graph, known = structure.graph, structure.on_edges(structure.expected) > 0
    unreachable = np.zeros(graph.edges)
    lost_calls = ~graph.has_client_span & (effect > 0)
    for caller in np.unique(graph.caller[lost_calls]):
        lost = np.where(lost_calls & (graph.caller == caller), effect, 0.0)
        edges = np.flatnonzero(lost >= AS_LARGE * lost.max())
        first = edges[np.argmin(graph.mean_position[edges])]
        comparable = known & ((graph.caller != caller) | (graph.mean_position <= graph.mean_position[first]))
        # There is no prior, because the caller may as well have returned early.
        unreachable[first] = callee_owns(graph, effect, NO_PRIOR, comparable)[first]
    return unreachable
