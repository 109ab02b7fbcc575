"""Evidence: a service makes more calls for the same work than it did.

No call took longer, and yet there are more of them: a release that asks for every row by itself, a cache that
lost its entries, a dependency that is new. Whoever makes the calls is the one that changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph
from incident_kit.diagnosis.culprits.counted_segments import CountedSegments
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.samples import DOUBT, DOUBTFUL_TRACES, Floats
from incident_kit.measure.surprise import MOST_SURPRISE


@dataclass(frozen=True)
class AddedCalls:
    """By service: the effect. By (operation, edge): the effect, and the calls a segment before and after."""

    own: Floats
    effect: Floats
    before: Floats
    after: Floats


def added_calls(
    graph: CallGraph, before: CountedSegments, after: CountedSegments, comparisons: int
) -> AddedCalls:
    """Return the segment-weighted mean effect of each service's added calls.

    A call that is added weighs as one that is lost does, by the share of the calls that are new, and by the
    time that they usually take. Only segments count that no failure further down disturbed: a retry is no
    doing of whoever makes it.
    """
    made, operations = graph.made, graph.segments.by_operation.keys
    (usual, doubt_before), (now, doubt_after) = (_calls(graph, side) for side in (before, after))
    # The largest of an operation's edges is taken, so each is one of many, also where that is to rank only.
    bound = NormalDist().inv_cdf(1 - DOUBT / max(comparisons, len(made.edge), 1))
    traces, known = after.traces[made.operation], before.of[made.operation] > 0
    sure = np.maximum(now - usual - bound * np.sqrt(doubt_before + doubt_after), 0.0) * known
    sure *= traces / (traces + DOUBTFUL_TRACES)
    share = np.divide(sure, now, out=np.zeros(len(now)), where=now > 0)
    took = _usual_ms(graph, before, after) if sure.any() else np.zeros(len(sure))
    effect = MOST_SURPRISE * share * np.log1p(sure * took / graph.floor_ms)
    largest = np.zeros(operations)
    np.maximum.at(largest, made.operation, effect)
    services = graph.segments.operation_service
    return AddedCalls(weighted_means(services, largest, after.of, len(graph.names)), effect, usual, now)


def _calls(graph: CallGraph, side: CountedSegments) -> tuple[Floats, Floats]:
    """Return the mean number of calls a segment makes, and the variance of that mean.

    Counts vary at least as those of independent events, be it that the few seen were all alike.
    """
    made = graph.made
    rows = side.rows[made.segment]
    times, of = made.times[rows], np.maximum(side.of[made.operation], 1.0)
    total, squares = (
        np.bincount(made.key[rows], weights, minlength=len(made.edge)) for weights in (times, times**2)
    )
    mean = total / of
    variance = np.maximum(squares / of - mean**2, (total + 0.5) / (of + 1))
    return mean, variance / np.maximum(side.traces[made.operation], 1.0)


def _usual_ms(graph: CallGraph, before: CountedSegments, after: CountedSegments) -> Floats:
    """Return by (operation, edge) how long a call usually takes; where it is new, how long it takes now."""
    calls, edges = graph.calls, graph.edges
    duration = np.exp(calls.level) - graph.floor_ms
    usual, now = (
        weighted_means(calls.edge, duration, side.rows[calls.segment].astype(float), edges)
        for side in (before, after)
    )
    took: Floats = np.where(usual > 0, usual, now)[graph.made.edge]
    return took
