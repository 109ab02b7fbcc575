"""Decide who owns a wait that no span shows: services without client spans record it as their own time.

    web    |-----own-----|             |--own--|     what the spans show
    cart                 |-------------|
    web    |--work--|~~~~|             |~~|work|     ~ the way to cart and back, not recorded

The caller's own time before and after a call includes the way to the callee and back. If it grew for one
callee alone, or for all who call that callee, the callee is at fault. If it grew before other calls and in
segments without any call as well, the caller is at fault.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.evidence.edge_time import EdgeTime
from incident_kit.diagnosis.culprits.evidence.own_time import OwnTime
from incident_kit.diagnosis.culprits.evidence.ownership import GREW, witnesses
from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.level_changes import Changes

OWN_WORK = 1.0
"""Log odds for the caller, because the time includes its own work: a little more than CALLEE_PRIOR, which
speaks for the callee, so that neither is stated while nothing else is known."""

FIRST = 0.5
"""A call is its caller's first if its mean position among its segments' calls is below this."""


@dataclass(frozen=True)
class HiddenWaits:
    """By edge: log odds for the callee, and which other edges tell anything about its caller."""

    prior_log_odds: Floats
    siblings: Bools


def hidden_waits(graph: CallGraph, own: OwnTime, edges: EdgeTime) -> HiddenWaits:
    """Return what the rest of the caller's own time says about each edge.

    A lack of CPU makes the caller's time grow on both sides of a call. A request that waits to be served
    makes it grow before the first call only. Later calls do not show that; the first calls of other
    operations do.
    """
    idle = np.where(graph.segments.own_calls, 0.0, own.changes.calls)
    service, services = graph.segments.own_service, len(graph.names)
    effect = weighted_means(service, own.changes.effect, idle, services)[graph.caller]
    known = np.bincount(service, idle, services)[graph.caller] > 0
    alone = np.where(known & (edges.effect > 0), witnesses(effect, edges.effect), 0.0)
    first = graph.mean_position < FIRST
    at_start = first & (edges.order > 0) & ~graph.has_client_span
    both_sides = GREW * (1 - np.abs(edges.order))
    return HiddenWaits(-OWN_WORK - both_sides - alone, ~at_start[:, None] | first[None, :])


def explained_by_callees(graph: CallGraph, own: OwnTime, edges: EdgeTime, callee_owns: Floats) -> Floats:
    """Return by service which part of the growth of its own time is owned by its callees."""
    waited, services = np.zeros(graph.edges), len(graph.names)
    np.add.at(waited, graph.calls.wait_edge, _growth(edges.changes))
    callees_growth = np.bincount(graph.caller, waited * callee_owns * ~graph.has_client_span, services)
    growth = np.bincount(graph.segments.own_service, _growth(own.changes), services)
    return np.minimum(np.divide(callees_growth, growth, out=np.zeros(services), where=growth > 0), 1.0)


def _growth(changed: Changes) -> Floats:
    """Return by key by how many ms all values together grew, or 0 if that may be chance."""
    growth: Floats = changed.calls * np.maximum(changed.after - changed.before, 0.0) * (changed.effect > 0)
    return growth
