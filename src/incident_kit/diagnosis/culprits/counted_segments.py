"""The segments that count on either side of a comparison, by operation."""

from __future__ import annotations

from dataclasses import dataclass

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.measure.rate_changes import Counts
from incident_kit.measure.samples import Bools, Floats, Ints


@dataclass(frozen=True)
class CountedSegments:
    """`rows` selects segments; by operation: how many of them there are, and in how many distinct traces."""

    rows: Bools
    of: Floats
    traces: Floats

    def at(self, operation: Ints, happened: Floats) -> Counts:
        """Return how often something happened, each of it to segments of one operation."""
        return Counts(happened, self.of[operation], self.traces[operation])


def counted_segments(
    graph: CallGraph, compared: Comparison, counted: Bools
) -> tuple[CountedSegments, CountedSegments]:
    """Return the `counted` segments of the baseline, and those of the incident."""
    groups = graph.segments.by_operation

    def among(traces: Bools) -> CountedSegments:
        rows = traces[groups.trace] & counted
        return CountedSegments(rows, groups.count(rows), groups.traces(rows))

    return among(compared.baseline), among(compared.incident)
