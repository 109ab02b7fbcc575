"""Counts of segments by operation: every segment ends with one of its calls, or makes none."""

from __future__ import annotations

import numpy as np
import pytest

from incident_kit.diagnosis.culprits.graph.counted_segments import counted_segments
from incident_kit.diagnosis.culprits.graph.numbering import build_call_graph
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.calls.segments import build_segments
from tests.diagnosis.test_dependencies import spans


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_every_segment_makes_no_call_or_one_of_them_last(share: float) -> None:
    graph = build_call_graph(build_segments(spans()))
    counted = np.random.default_rng(1).random(len(graph.segments.by_operation.key)) < share
    traces = 1 + int(graph.segments.by_operation.trace.max())
    counts = counted_segments(graph, Stretches(np.arange(traces) % 3, 3), counted)
    ended = np.zeros_like(counts.total)
    for operation in range(counts.total.shape[1]):
        of_operation = graph.made.operation == operation
        ended[:, operation] = counts.ending[:, of_operation].sum(axis=1)
    assert (counts.idle + ended == counts.total).all()
    assert counts.total.sum() == counted.sum()
