"""Evidence: a service's own time grew."""

from __future__ import annotations

from dataclasses import dataclass

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.level_changes import Changes, changes
from incident_kit.measure.samples import Bools, Floats


@dataclass(frozen=True)
class OwnTime:
    """By service: the effect; and the changes by (service, operation, callees) it is the mean of."""

    effect: Floats
    changes: Changes


def own_time(graph: CallGraph, compared: Comparison, counted: Bools) -> OwnTime:
    """Return the call-weighted mean effect on each service's own time.

    Only `counted` segments count, before and after: those that no failure further down disturbed.
    """
    segments = graph.segments
    trace = segments.own.trace
    changed = changes(
        segments.own,
        compared.incident[trace] & counted,
        compared.baseline[trace] & counted,
        compared.comparisons,
    )
    effect = weighted_means(segments.own_service, changed.effect, changed.calls, len(graph.names))
    return OwnTime(effect, changed)
