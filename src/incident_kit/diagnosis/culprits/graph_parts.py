"""The part of a call graph that some of its traces are: the same numbers, fewer observations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import (
    CallArrays,
    CallGraph,
    InnerArrays,
    MadeCalls,
    SegmentArrays,
)
from incident_kit.measure.samples import Bools, Ints

NONE = -1
"""The number of a segment that is not there."""


def graph_of(graph: CallGraph, traces: Bools) -> CallGraph:
    """Return the observations of these traces, under the numbers that the graph has for everything."""
    kept = traces[graph.segments.by_service.trace]
    number = np.append(np.where(kept, np.cumsum(kept) - 1, NONE), NONE)
    return replace(
        graph,
        segments=_segments(graph.segments, kept),
        calls=_calls(graph.calls, traces[graph.calls.trace], number),
        inner=_inner(graph.inner, kept, number),
        made=_made(graph.made, kept, number),
    )


def _segments(segments: SegmentArrays, kept: Bools) -> SegmentArrays:
    return replace(
        segments,
        by_service=segments.by_service.where(kept),
        by_operation=segments.by_operation.where(kept),
        level=segments.level[kept],
        own=segments.own.where(kept),
        critical=segments.critical[kept],
        failed_itself=segments.failed_itself[kept],
    )


def _calls(calls: CallArrays, kept: Bools, number: Ints) -> CallArrays:
    return replace(
        calls,
        by_edge=calls.by_edge.where(kept),
        segment=number[calls.segment[kept]],
        wait=calls.wait.where(kept),
        waited=calls.waited[kept],
        before=calls.before[kept],
        after=calls.after[kept],
        callee_segment=number[calls.callee_segment[kept]],
        failed=calls.failed[kept],
        failed_itself=calls.failed_itself[kept],
        level=calls.level[kept],
        critical=calls.critical[kept],
    )


def _inner(inner: InnerArrays, segments: Bools, number: Ints) -> InnerArrays:
    kept = segments[inner.segment]
    return replace(inner, segment=number[inner.segment[kept]], key=inner.key[kept])


def _made(made: MadeCalls, segments: Bools, number: Ints) -> MadeCalls:
    kept = segments[made.segment]
    return replace(
        made,
        segment=number[made.segment[kept]],
        key=made.key[kept],
        times=made.times[kept],
        last=made.last[segments],
    )
