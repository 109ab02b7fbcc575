"""The edges that each segment called, and how often, numbered as in the call graph."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallArrays, MadeCalls
from incident_kit.measure.arrays.samples import Groups, codes_and_index


def made_calls(by_operation: Groups, calls: CallArrays) -> MadeCalls:
    """Return which edges each segment called, how many times, and which of them last."""
    edges = max(calls.by_edge.keys, 1)
    pairs, key = codes_and_index(by_operation.key[calls.segment] * edges + calls.edge)
    last = np.full(len(by_operation.key), -1)
    # Within a segment, calls stand in the order of their start, so the last value written is the last call.
    last[calls.segment] = key
    width = max(len(pairs), 1)
    codes, entry = codes_and_index(calls.segment * width + key)
    segment, once = np.divmod(codes, width)
    operation, edge = np.divmod(pairs, edges)
    times = np.bincount(entry, minlength=len(codes)).astype(float)
    return MadeCalls(segment, once, times, operation, edge, last)
