"""The calls that each operation makes, after which of them it stops, and how that changed.

Example: `Checkout` calls cart, payment and email, in this order. In the incident 30 % of its segments end
after payment. Then email is `lost` by nearly 0.3, and `stops` of payment rose as much. (Only the sure part of
a rise counts.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.rate_changes import Occurrences, rate_changes


@dataclass(frozen=True)
class CallStructure:
    """By (operation, edge): how the share of the operation's segments that make that call changed.

    `lost`: the rise of the share without the call. `stops`: the rise of the share whose last call it is.
    `expected` and `made`: the number of segments that should make it, and that do. By operation:
    `stops_at_once`, the rise of the share that makes no call at all, and `segments`, their number.
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
    """Return how the structure of calls changed.

    It is compared operation by operation, so a change of the workload's mix is no change. Only segments count
    that no failure further down disturbed.
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
