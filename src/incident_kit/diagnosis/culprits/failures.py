"""Evidence: errors that began here. A failure counts as a latency without end, on the same scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.measure.rate_changes import Counts, rate_changes
from incident_kit.measure.samples import Bools, Floats, Ints, Sample, distinct_traces


@dataclass(frozen=True)
class Failures:
    """Effects of failures that began in a service's own work, and on an edge; and by how much they rose."""

    own: Floats
    edge: Floats
    own_rise: Floats
    edge_rise: Floats


def failures(graph: CallGraph, compared: Comparison) -> Failures:
    """Return the effects of risen error rates, counted where an error began.

    An origin is a failed span of which no called span failed: on an entry, the service's own; on a call,
    the edge's.
    """
    segments, calls = graph.segments, graph.calls
    own = _rise(segments.service, segments.own.trace, segments.failed_itself, len(graph.names), compared)
    edge = _rise(calls.edge, calls.trace, calls.failed_itself, graph.edges, compared)
    return Failures(graph.loss_effect(own), graph.loss_effect(edge), own, edge)


def _rise(group: Ints, trace: Ints, failed: Bools, groups: int, compared: Comparison) -> Floats:
    sample = Sample(group, trace, np.zeros(0), groups)

    def counts(rows: Bools) -> Counts:
        happened = np.bincount(group[rows & failed], minlength=groups).astype(float)
        of = np.bincount(group[rows], minlength=groups).astype(float)
        return Counts(happened, of, distinct_traces(sample, rows))

    before, after = counts(compared.baseline[trace]), counts(compared.incident[trace])
    return rate_changes(before, after, compared.comparisons)
