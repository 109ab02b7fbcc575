"""Evidence: a service's own time grew.

Own time is the duration of a segment without its calls. It is compared among segments of the same operation
with the same set of callees. So a `GetCart` that asks redis is not compared with one that answers from its
cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.level_changes import Changes


@dataclass(frozen=True)
class OwnTime:
    """By service: the effect, which is the mean of the `changes` by (service, operation, callees)."""

    effect: Floats
    changes: Changes


def own_time(compared: ComparedGraph) -> OwnTime:
    """Return the call-weighted mean effect on each service's own time.

    Only `counted` segments count, before and after: those that no failure further down disturbed.
    """
    graph = compared.graph
    changed = compared.changes(compared.own)
    effect = weighted_means(graph.segments.own_service, changed.effect, changed.calls, len(graph.names))
    return OwnTime(effect, changed)
