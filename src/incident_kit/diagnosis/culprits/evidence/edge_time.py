"""Evidence: calls from one service to another spend more time outside the callee.

A call of 50 ms whose callee worked from the 12th to the 45th ms waited 12 ms before and 5 ms after it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.level_changes import Changes


@dataclass(frozen=True)
class EdgeTime:
    """By edge: the effect on its wait, and on which side of the callee's work the wait grew.

    `order` is +1 if all growth lies before the callee's work, -1 if all lies after. `timed` marks edges whose
    waits are known in the incident, so that they can tell whether they grew. `changes` are by (caller,
    callee, operation).
    """

    effect: Floats
    order: Floats
    timed: Bools
    changes: Changes


def edge_time(compared: ComparedGraph) -> EdgeTime:
    """Return the call-weighted mean effect on each edge's wait, and on which side of the call it grew."""
    graph, observed = compared.graph, compared.observed
    changed = compared.changes(observed.waits)
    effect = weighted_means(graph.calls.wait_edge, changed.effect, changed.calls, graph.edges)
    return EdgeTime(
        effect=effect,
        order=_order(compared, effect > 0) if effect.any() else np.zeros(graph.edges),
        timed=observed.waited[compared.incident_stretches].sum(axis=0) > 0,
        changes=changed,
    )


def _order(compared: ComparedGraph, grew: Bools) -> Floats:
    """Return on which side of the callee's work the waits of the edges that `grew` grew, from -1 to +1."""
    graph, calls = compared.graph, compared.graph.calls
    rows = calls.waited & grew[calls.edge]
    baseline, incident = (
        traces[calls.trace] & rows for traces in (compared.baseline_traces, compared.incident_traces)
    )
    before_ms, after_ms = (
        _growth(graph, side, incident, baseline) for side in (calls.before_ms, calls.after_ms)
    )
    total = before_ms + after_ms
    order = np.divide(before_ms - after_ms, total, out=np.zeros(graph.edges), where=total > 0)
    return np.clip(order, -1.0, 1.0)


def _growth(graph: CallGraph, value: Floats, incident: Bools, baseline: Bools) -> Floats:
    """Return by how many ms the mean of `value` grew on each edge; 0 if incident or baseline has no value."""
    known = ~np.isnan(value)

    def mean(rows: Bools) -> Floats:
        chosen = rows & known
        count = np.bincount(graph.calls.edge[chosen], minlength=graph.edges)
        total = np.bincount(graph.calls.edge[chosen], weights=value[chosen], minlength=graph.edges)
        return total / np.where(count > 0, count, np.nan)

    growth: Floats = np.nan_to_num(mean(incident) - mean(baseline))
    return growth
