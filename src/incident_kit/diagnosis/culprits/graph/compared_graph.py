"""Compare the call graph in the stretches of an incident with the same graph in those of a baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.counted_segments import CountedSegments, counted_segments
from incident_kit.diagnosis.culprits.graph.disturbance import disturbed
from incident_kit.diagnosis.culprits.graph.observed import Observed
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.level_changes import Changes, Levels, changes, levels
from incident_kit.measure.arrays.rate_changes import Occurrences, rate_changes


@dataclass(frozen=True)
class ComparedGraph:
    """The stretches that belong to the baseline, those that belong to the incident, and the counts of both.

    `counted` marks the segments that count. `baseline_segments` and `incident_segments` are their counts;
    `own` are the levels of their own times. `comparisons` is the number of comparisons that the evidence is
    corrected for: one to rank, all of them to state a cause.
    """

    observed: Observed
    baseline_stretches: Bools
    incident_stretches: Bools
    counted: Bools
    baseline_segments: CountedSegments
    incident_segments: CountedSegments
    own: Levels
    comparisons: int = 1

    @property
    def graph(self) -> CallGraph:
        """The call graph that is compared."""
        return self.observed.graph

    @property
    def baseline_traces(self) -> Bools:
        """Whether each trace belongs to the baseline."""
        baseline: Bools = self.baseline_stretches[self.observed.stretches.of_trace]
        return baseline

    @property
    def incident_traces(self) -> Bools:
        """Whether each trace belongs to the incident."""
        incident: Bools = self.incident_stretches[self.observed.stretches.of_trace]
        return incident

    @property
    def incident_calls(self) -> Floats:
        """The number of calls on each edge in the incident."""
        calls: Floats = self.observed.calls[self.incident_stretches].sum(axis=0)
        return calls

    @property
    def every_segment(self) -> tuple[CountedSegments, CountedSegments]:
        """The counts of the baseline and of the incident, with the segments that do not count.

        A failure may disturb all requests of one kind. Those that are left are then of other kinds, and an
        operation that serves both seems to make other calls, when only fewer of its requests are looked at.
        """
        segments = self.observed.segments
        return segments.within(self.baseline_stretches), segments.within(self.incident_stretches)

    def sides(self, counted: Occurrences) -> tuple[Occurrences, Occurrences]:
        """Return the counts of the baseline, and those of the incident."""
        return counted.within(self.baseline_stretches), counted.within(self.incident_stretches)

    def changes(self, values: Levels) -> Changes:
        """Return how these levels changed from the baseline to the incident."""
        return changes(values, self.baseline_stretches, self.incident_stretches, self.comparisons)

    def without(self, segments: Bools) -> ComparedGraph:
        """Return the same comparison, in which these segments do not count."""
        if not segments.any():
            return self
        counted, stretches, own = self.counted & ~segments, self.observed.stretches, self.graph.segments.own
        found = counted_segments(self.graph, stretches, counted)
        return replace(
            self,
            counted=counted,
            baseline_segments=found.within(self.baseline_stretches),
            incident_segments=found.within(self.incident_stretches),
            own=levels(own, stretches, counted & (self.baseline_traces | self.incident_traces)[own.trace]),
        )


def compared_graph(observed: Observed, baseline: Bools, incident: Bools) -> ComparedGraph:
    """Return the graph compared between two sets of stretches, without segments that a failure disturbed."""
    everything = np.ones(len(observed.graph.segments.level), dtype=bool)
    usual, now = (observed.segments.within(side) for side in (baseline, incident))
    whole = ComparedGraph(observed, baseline, incident, everything, usual, now, observed.own)
    # Calls that fail as often as ever (a lookup that finds nothing) disturb nobody.
    more = rate_changes(*whole.sides(observed.failing)) > 0
    return whole.without(disturbed(observed.graph, more))
