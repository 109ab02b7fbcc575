"""Count what a call graph shows in every stretch of time, once for all comparisons."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.counted_segments import CountedSegments, counted_segments
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.level_changes import Levels, levels
from incident_kit.measure.arrays.rate_changes import Occurrences, occurrences
from incident_kit.measure.arrays.stretches import Stretches


@dataclass(frozen=True)
class Observed:
    """The observations of a graph: tables with one row per stretch, and levels in order.

    By edge: `calls`, those whose wait is known (`waited`), those that fail wherever the failure began
    (`failing`), and those whose failure began on the edge (`edge_failures`). By service: `own_failures`.
    Levels of own times (`own`), and of waits on edges (`waits`).
    """

    graph: CallGraph
    stretches: Stretches
    calls: Floats
    waited: Floats
    failing: Occurrences
    own_failures: Occurrences
    edge_failures: Occurrences
    segments: CountedSegments
    own: Levels
    waits: Levels

    def within(self, stretches: Bools) -> Observed:
        """Return the same for comparisons among some of the stretches only, whose levels are ranked apart."""
        return replace(self, own=self.own.within(stretches), waits=self.waits.within(stretches))


def observe(graph: CallGraph, stretches: Stretches) -> Observed:
    """Return what a graph shows in every stretch."""
    segments, calls = graph.segments, graph.calls
    everything = np.ones(len(segments.level), dtype=bool)
    with ThreadPoolExecutor(1) as executor:  # sorting the levels is half of the work
        own = executor.submit(levels, segments.own, stretches, everything)
        return Observed(
            graph=graph,
            stretches=stretches,
            waits=levels(calls.wait, stretches, calls.waited),
            calls=stretches.count(calls.by_edge),
            waited=stretches.count(calls.by_edge.filter(calls.waited)),
            failing=occurrences(calls.by_edge, calls.failed, stretches),
            own_failures=occurrences(segments.by_service, segments.failed_itself, stretches),
            edge_failures=occurrences(calls.by_edge, calls.failed_itself, stretches),
            segments=counted_segments(graph, stretches, everything),
            own=own.result(),
        )
