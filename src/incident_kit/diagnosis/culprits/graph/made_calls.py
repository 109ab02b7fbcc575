"""Which calls each segment made, in the order of the call graph's numbers."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallArrays, MadeCalls
from incident_kit.measure.arrays.samples import Groups, numbered


def made_calls(by_operation: Groups, calls: CallArrays) -> MadeCalls:
    """Return which edges each segment called, how many times, and which of them last."""
    edges = max(calls.by_edge.keys, 1)
    pairs, key = numbered(by_operation.key[calls.segment] * edges + calls.edge)
    last = np.full(len(by_operation.key), -1)
    # Calls stand in order of their start within a segment: the last one written is the last one made.
    last[calls.segment] = key
    width = max(len(pairs), 1)
    codes, entry = numbered(calls.segment * width + key)
    segment, once = np.divmod(codes, width)
    operation, edge = np.divmod(pairs, edges)
    times = np.bincount(entry, minlength=len(codes)).astype(float)
    return MadeCalls(segment, once, times, operation, edge, last)
