"""Count the segments that take part in a comparison, and the calls they make, by operation."""

from __future__ import annotations

from dataclasses import dataclass, fields

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rate_changes import Occurrences
from incident_kit.measure.arrays.samples import Groups
from incident_kit.measure.arrays.stretches import Stretches


@dataclass(frozen=True)
class CountedSegments:
    """Numbers of segments, in tables with one row per stretch, or for several stretches together.

    By operation: all (`total`), their distinct `traces`, those that make no call (`idle`). By (operation,
    edge): segments that make that call (`making`), segments that make it last (`ending`), the number of these
    `calls`, and the sum of the `squares` of how many each segment makes. By (operation, inner name): segments
    that have that inner operation (`having`).
    """

    total: Floats
    traces: Floats
    idle: Floats
    making: Floats
    ending: Floats
    calls: Floats
    squares: Floats
    having: Floats

    def at(self, operation: Ints, happened: Floats) -> Occurrences:
        """Return how often something happened, given by key, with the segments of each key's operation."""
        return Occurrences(happened, self.total[operation], self.traces[operation])

    def within(self, stretches: Bools) -> CountedSegments:
        """Return the counts of some stretches together."""
        return CountedSegments(*(getattr(self, name.name)[stretches].sum(axis=0) for name in fields(self)))


def counted_segments(graph: CallGraph, stretches: Stretches, counted: Bools) -> CountedSegments:
    """Return tables of the `counted` segments, with one row per stretch."""
    groups, made, inner = graph.segments.by_operation, graph.made, graph.inner
    trace, rows = groups.trace, counted[made.segment]
    segments, last = groups.filter(counted), Groups(made.last, trace, len(made.edge))
    making = Groups(made.key, trace[made.segment], len(made.edge)).filter(rows)
    having = Groups(inner.key, trace[inner.segment], len(inner.key_operation)).filter(counted[inner.segment])
    times = made.times if rows.all() else made.times[rows]
    return CountedSegments(
        total=stretches.count(segments),
        traces=stretches.traces(segments),
        idle=stretches.count(groups.filter(counted & (made.last < 0))),
        making=stretches.count(making),
        ending=stretches.count(last.filter(counted & (made.last >= 0))),
        calls=stretches.count(making, times),
        squares=stretches.count(making, times**2),
        having=stretches.count(having),
    )
