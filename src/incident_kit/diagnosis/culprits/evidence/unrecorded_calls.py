"""Find failures of calls that left no span at all, because the services record no client spans.

In the spans the caller fails by its own doing, and a call that it usually makes is missing. Who owns that
failure is decided by the edges at both ends, as for any failed call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_structure import CallStructure
from incident_kit.measure.arrays.array_types import Bools, Floats

AS_LARGE = 0.8
"""Calls that would follow the failed one are lost with it. So among losses nearly as large as the largest,
the earliest call is the one that failed."""

MIN_EXPLAINED = 0.75
"""A service's failures are those of a call if at least three quarters as many of its requests lack that call.
A service that fails before it calls anybody lacks fewer of the calls that it makes only sometimes."""


@dataclass(frozen=True)
class UnrecordedCalls:
    """By edge: the rise of failures that missing calls explain. `segments`: those that failed in this way."""

    rise: Floats
    segments: Bools


def unrecorded_calls(structure: CallStructure, own_rise: Floats) -> UnrecordedCalls:
    """Return which of the services' own risen failures (`own_rise`) are failures of calls without a span."""
    graph = structure.graph
    lost, rise = _lost(structure), np.zeros(graph.edges)
    for service in np.flatnonzero(own_rise > 0):
        missing = (graph.caller == service) & ~graph.has_client_span & (lost > 0)
        largest = lost[missing].max(initial=0.0)
        if largest >= MIN_EXPLAINED * own_rise[service]:
            failed = np.flatnonzero(missing & (lost >= AS_LARGE * largest))
            rise[failed[np.argmin(graph.mean_position[failed])]] = own_rise[service]
    explained = np.zeros(len(graph.names), dtype=bool)
    explained[graph.caller[rise > 0]] = True
    segments = graph.segments
    return UnrecordedCalls(rise, segments.failed_itself & explained[segments.by_service.key])


def _lost(structure: CallStructure) -> Floats:
    """Return by edge the share of all its caller's segments in which the call is missing."""
    graph = structure.graph
    segments = np.bincount(graph.segments.operation_service, structure.segments, len(graph.names))
    missing = structure.on_edges(structure.expected - structure.made)
    return missing / np.maximum(segments[graph.caller], 1)
