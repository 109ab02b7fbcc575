"""Find the segments that a failure further down disturbed.

A failed call shortens its caller and makes it skip later calls, which is not the caller's own doing. The same
holds for the caller's caller, if it stops right there: if `payment` fails, `checkout` does not call `email`,
and `web`, whose last call was `checkout`, ends early too.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.arrays.array_types import Bools

MAX_DEPTH = 16
"""A disturbance is followed up at most this many levels."""


def disturbed(graph: CallGraph, edges: Bools) -> Bools:
    """Return which segments the failed calls on these edges disturbed.

    A segment whose last call went to a disturbed one is disturbed as well.
    """
    calls = graph.calls
    reached = np.zeros(len(graph.segments.level), dtype=bool)
    if not edges.any():
        return reached
    reached[calls.segment[calls.failed & edges[calls.edge]]] = True
    final = np.flatnonzero(calls.is_last & (calls.callee_segment >= 0))
    caller, callee = calls.segment[final], calls.callee_segment[final]
    for _ in range(MAX_DEPTH):
        above = caller[reached[callee] & ~reached[caller]]
        if not len(above):
            break
        reached[above] = True
    return reached
