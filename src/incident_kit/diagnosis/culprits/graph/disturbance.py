"""Which segments were disturbed by a failure further down.

A failed call shortens and empties its caller, and what the caller then leaves out is not its own doing; nor
is what the caller's caller leaves out, if it stops right there.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.arrays.array_types import Bools

DEEPEST = 16
"""Levels that a disturbance is followed up at most."""


def disturbed(graph: CallGraph, edges: Bools) -> Bools:
    """Return which segments were disturbed by the failed calls on these edges.

    A segment whose last call went to a disturbed one is disturbed as well.
    """
    calls = graph.calls
    reached = np.zeros(len(graph.segments.level), dtype=bool)
    if not edges.any():
        return reached
    reached[calls.segment[calls.failed & edges[calls.edge]]] = True
    last = np.diff(calls.segment, append=-1) != 0
    final = np.flatnonzero(last & (calls.callee_segment >= 0))
    caller, callee = calls.segment[final], calls.callee_segment[final]
    for _ in range(DEEPEST):
        above = caller[reached[callee] & ~reached[caller]]
        if not len(above):
            break
        reached[above] = True
    return reached
