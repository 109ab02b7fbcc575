"""Evidence: calls from one service to another spend more time outside the callee."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.level_changes import Changes, changes
from incident_kit.measure.samples import Bools, Floats


@dataclass(frozen=True)
class EdgeTime:
    """By edge: the effect on its wait, and on which side of the callee's work that grew.

    `order` is +1 if all growth lies before, -1 if all lies after; `timed` are edges of which waits are known
    in the incident, so that they can tell whether they grew; `changes` are by (caller, callee, operation).
    """

    effect: Floats
    order: Floats
    timed: Bools
    changes: Changes


def edge_time(graph: CallGraph, compared: Comparison) -> EdgeTime:
    """Return the call-weighted mean effect on each edge's wait, and on which side of the call it grew."""
    calls = graph.calls
    incident = compared.incident[calls.trace] & calls.waited
    baseline = compared.baseline[calls.trace] & calls.waited
    changed = changes(calls.wait, incident, baseline, compared.comparisons)
    effect = weighted_means(calls.wait_edge, changed.effect, changed.calls, graph.edges)
    grew = (effect > 0)[calls.edge]
    before_ms, after_ms = (
        _growth(graph, side, incident & grew, baseline & grew) for side in (calls.before, calls.after)
    )
    total = before_ms + after_ms
    order = np.divide(before_ms - after_ms, total, out=np.zeros(graph.edges), where=total > 0)
    return EdgeTime(
        effect=effect,
        order=np.clip(order, -1.0, 1.0),
        timed=np.bincount(calls.edge[incident], minlength=graph.edges) > 0,
        changes=changed,
    )


def _growth(graph: CallGraph, value: Floats, incident: Bools, baseline: Bools) -> Floats:
    """Return by how many ms the mean of `value` grew on each edge; 0 where either side has none."""
    known = ~np.isnan(value)

    def mean(rows: Bools) -> Floats:
        chosen = rows & known
        count = np.bincount(graph.calls.edge[chosen], minlength=graph.edges)
        total = np.bincount(graph.calls.edge[chosen], weights=value[chosen], minlength=graph.edges)
        return total / np.where(count > 0, count, np.nan)

    growth: Floats = np.nan_to_num(mean(incident) - mean(baseline))
    return growth
