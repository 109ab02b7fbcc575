"""The calls that each operation makes, after which of them it stops, and how that changed.

Example: `Checkout` calls cart, payment and email, in this order. In the incident 30 % of its segments end
after payment. Then email is `lost` by nearly 0.3, and `stops` of payment rose as much. (Only the sure part of
a rise counts.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.counted_segments import CountedSegments
from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.rate_changes import Occurrences, rate_changes


@dataclass(frozen=True)
class CallStructure:
    """By (operation, edge): how the share of the operation's segments that make that call changed.

    `lost`: the rise of the share without the call. `stops`: the rise of the share whose last call it is.
    `expected` and `made`: the number of segments that should make it, and that do. By operation:
    `stops_at_once`, the rise of the share that makes no call at all, and `segments`, their number.
    """

    graph: CallGraph
    operation: Ints
    edge: Ints
    lost: Floats
    stops: Floats
    expected: Floats
    made: Floats
    stops_at_once: Floats
    segments: Floats

    def on_edges(self, values: Floats) -> Floats:
        """Return the sum of such values on each edge."""
        return np.bincount(self.edge, values, self.graph.edges).astype(float)

    def to_callees(self, values: Floats) -> Floats:
        """Return the sum of such values over all edges to each callee."""
        return np.bincount(self.graph.callee[self.edge], values, len(self.graph.names)).astype(float)


def call_structure(compared: ComparedGraph) -> CallStructure:
    """Return how the structure of calls changed.

    It is compared operation by operation, so a change of the workload's mix is no change. Only segments count
    that no failure further down disturbed; and a rise counts as far as all segments show it as well.
    """
    operation, edge = compared.graph.made.operation, compared.graph.made.edge
    baseline, incident = compared.baseline_segments, compared.incident_segments
    usual_total, total = baseline.total[operation], incident.total[operation]
    share = np.divide(baseline.making, usual_total, out=np.zeros(len(edge)), where=usual_total > 0)
    calls_out = np.bincount(operation, weights=share, minlength=len(baseline.total)) > 0
    rises = _rises(compared, baseline, incident)
    if not compared.counted.all():
        rises = [
            np.minimum(*both) for both in zip(rises, _rises(compared, *compared.every_segment), strict=True)
        ]
    lost, stops, stops_at_once = rises
    return CallStructure(
        graph=compared.graph,
        operation=operation,
        edge=edge,
        lost=lost,
        stops=stops,
        expected=total * share,
        made=incident.making,
        stops_at_once=np.where(calls_out, stops_at_once, 0.0),
        segments=incident.total,
    )


def _rises(compared: ComparedGraph, baseline: CountedSegments, incident: CountedSegments) -> list[Floats]:
    """Return the sure rises `lost`, `stops` and `stops_at_once` of a `CallStructure`."""
    operation, sides = compared.graph.made.operation, (baseline, incident)
    happened = (
        [side.at(operation, side.total[operation] - side.making) for side in sides],
        [side.at(operation, side.ending) for side in sides],
        [Occurrences(side.idle, side.total, side.traces) for side in sides],
    )
    return [rate_changes(before, now, compared.comparisons) for before, now in happened]
