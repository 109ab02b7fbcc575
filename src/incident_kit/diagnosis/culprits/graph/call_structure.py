"""Which calls a service's operations make, and after which of them they stop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.rate_changes import Occurrences, rate_changes


@dataclass(frozen=True)
class CallStructure:
    """By (operation, edge): how the share of the operation's segments changed that make that call.

    `lost`: by how much the share without the call rose; `stops`: by how much the share rose whose last
    call it is; `expected` and `made`: segments that should make it, and do. `stops_at_once`, by operation:
    by how much the share rose that makes no call at all. `segments`, by operation: how many there are.
    """

    operation: Ints
    edge: Ints
    lost: Floats
    stops: Floats
    expected: Floats
    made: Floats
    stops_at_once: Floats
    segments: Floats


def call_structure(compared: ComparedGraph) -> CallStructure:
    """Return how the structure of calls changed, operation by operation.

    So a change of the workload's mix is no change. Only segments count that no failure further down
    disturbed.
    """
    operation, edge = compared.graph.made.operation, compared.graph.made.edge
    before, after = compared.usual, compared.now

    def rise(usual: Occurrences, now: Occurrences) -> Floats:
        return rate_changes(usual, now, compared.comparisons)

    of_before, of_after = before.of[operation], after.of[operation]
    lacking = of_before - before.making, of_after - after.making
    share = np.divide(before.making, of_before, out=np.zeros(len(edge)), where=of_before > 0)
    calls_out = np.bincount(operation, weights=share, minlength=len(before.of)) > 0
    idle = (Occurrences(side.idle, side.of, side.traces) for side in (before, after))
    return CallStructure(
        operation=operation,
        edge=edge,
        lost=rise(before.at(operation, lacking[0]), after.at(operation, lacking[1])),
        stops=rise(before.at(operation, before.ending), after.at(operation, after.ending)),
        expected=of_after * share,
        made=after.making,
        stops_at_once=np.where(calls_out, rise(*idle), 0.0),
        segments=after.of,
    )
