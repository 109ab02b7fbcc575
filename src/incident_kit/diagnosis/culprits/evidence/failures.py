"""Evidence: errors that began here. A failure counts as an endless delay, on the same scale as delays.

Example: payment fails, so the call checkout -> payment fails, and so does checkout. The error began at
payment, and counts there only. If the call fails while payment has no failed span, the error began on the
edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.rate_changes import rate_changes


@dataclass(frozen=True)
class Failures:
    """By service and by edge: effects of failures that began there, and by how much their rates rose."""

    own: Floats
    edge: Floats
    own_rise: Floats
    edge_rise: Floats


def failures(compared: ComparedGraph) -> Failures:
    """Return the effects of risen error rates, counted where an error began.

    An origin is a failed span none of whose called spans failed. On an entry, the failure is the service's
    own; on a call, it is the edge's.
    """
    own, edge = (
        rate_changes(*compared.sides(failed), compared.comparisons)
        for failed in (compared.observed.own_failures, compared.observed.edge_failures)
    )
    return _weighed(compared.graph, own, edge)


def failures_on_edges(graph: CallGraph, failed: Failures, unrecorded: Floats) -> Failures:
    """Return the failures, with own failures moved to the edge if an `unrecorded` call explains them."""
    own = failed.own_rise.copy()
    own[graph.caller[unrecorded > 0]] = 0.0
    return _weighed(graph, own, np.maximum(failed.edge_rise, unrecorded))


def _weighed(graph: CallGraph, own: Floats, edge: Floats) -> Failures:
    return Failures(graph.loss_effect(own), graph.loss_effect(edge), own, edge)
