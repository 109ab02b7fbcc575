"""Evidence: errors that began here. A failure counts as a latency without end, on the same scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.measure.surprise import (
    MOST_SURPRISE,
    Bools,
    Counts,
    Floats,
    Ints,
    Sample,
    distinct_traces,
    rate_changes,
)


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
    return Failures(loss_effect(graph, own), loss_effect(graph, edge), own, edge)


def loss_effect(graph: CallGraph, share: Floats) -> Floats:
    """Return the effect of losing this share of the calls, on the scale of the effects of latency.

    A lost call is as surprising as anything can be and as long as the median root.
    """
    return MOST_SURPRISE * share * np.log1p(share * graph.root_ms / graph.floor_ms)


def _rise(group: Ints, trace: Ints, failed: Bools, groups: int, compared: Comparison) -> Floats:
    sample = Sample(group, trace, np.zeros(0), groups)

    def counts(rows: Bools) -> Counts:
        happened = np.bincount(group[rows & failed], minlength=groups).astype(float)
        of = np.bincount(group[rows], minlength=groups).astype(float)
        return Counts(happened, of, distinct_traces(sample, rows))

    before, after = counts(compared.baseline[trace]), counts(compared.incident[trace])
    return rate_changes(before, after, compared.comparisons)
