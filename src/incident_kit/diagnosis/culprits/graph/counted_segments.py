"""The segments that count in a comparison, and the calls they make, by operation."""

from __future__ import annotations

from dataclasses import dataclass, fields

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rate_changes import Occurrences
from incident_kit.measure.arrays.samples import Groups
from incident_kit.measure.arrays.stretches import Stretches


@dataclass(frozen=True)
class CountedSegments:
    """How many segments there are of some kinds; in tables with a row for each stretch, or all together.

    By operation: all (`of`), their distinct `traces`, those that make no call (`idle`). By (operation, edge):
    those that make that call, make it last (`ending`), the `calls` that these are, and the sum of the squares
    of how many each makes. By (operation, name of one within): those that have it.
    """

    of: Floats
    traces: Floats
    idle: Floats
    making: Floats
    ending: Floats
    calls: Floats
    squares: Floats
    having: Floats

    def at(self, operation: Ints, happened: Floats) -> Occurrences:
        """Return how often something happened, each of it to segments of one operation."""
        return Occurrences(happened, self.of[operation], self.traces[operation])

    def within(self, stretches: Bools) -> CountedSegments:
        """Return the segments of some stretches together."""
        return CountedSegments(*(getattr(self, name.name)[stretches].sum(axis=0) for name in fields(self)))


def counted_segments(graph: CallGraph, stretches: Stretches, counted: Bools) -> CountedSegments:
    """Return tables of the `counted` segments."""
    groups, made, inner = graph.segments.by_operation, graph.made, graph.inner
    trace, rows = groups.trace, counted[made.segment]
    segments, last = groups.where(counted), Groups(made.last, trace, len(made.edge))
    making = Groups(made.key, trace[made.segment], len(made.edge)).where(rows)
    having = Groups(inner.key, trace[inner.segment], len(inner.key_operation)).where(counted[inner.segment])
    times = made.times if rows.all() else made.times[rows]
    return CountedSegments(
        of=stretches.count(segments),
        traces=stretches.traces(segments),
        idle=stretches.count(groups.where(counted & (made.last < 0))),
        making=stretches.count(making),
        ending=stretches.count(last.where(counted & (made.last >= 0))),
        calls=stretches.count(making, times),
        squares=stretches.count(making, times**2),
        having=stretches.count(having),
    )
