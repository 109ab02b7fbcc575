"""Evidence: a service makes more calls for the same work than it did.

No call takes longer, but there are more of them: a release that queries every row separately, a cache that
lost its entries, a new dependency. The service that makes the calls is the one that changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.counted_segments import CountedSegments
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.samples import SHRINKAGE_TRACES, SIGNIFICANCE
from incident_kit.measure.arrays.surprise import MAX_SURPRISE


@dataclass(frozen=True)
class AddedCalls:
    """By service: the effect. By (operation, edge): the effect, and calls per segment in both."""

    own: Floats
    effect: Floats
    baseline: Floats
    incident: Floats


def added_calls(compared: ComparedGraph) -> AddedCalls:
    """Return the segment-weighted mean effect of each service's added calls.

    An added call weighs as much as a lost one: by the share of the calls that are new, and by the time that
    they usually take. Only segments count that no failure further down disturbed, because a retry is not the
    doing of the service that makes it. The rise counts as far as all segments show it as well.
    """
    graph, made = compared.graph, compared.graph.made
    incident = compared.incident_segments
    sure, usual_calls, calls = _rise(compared, compared.baseline_segments, incident)
    if sure.any() and not compared.counted.all():
        sure = np.minimum(sure, _rise(compared, *compared.every_segment)[0])
    share = np.divide(sure, calls, out=np.zeros(len(calls)), where=calls > 0)
    took = _usual_ms(compared) if sure.any() else np.zeros(len(sure))
    effect = MAX_SURPRISE * share * np.log1p(sure * took / graph.floor_ms)
    largest = np.zeros(len(incident.total))
    np.maximum.at(largest, made.operation, effect)
    services = graph.segments.operation_service
    return AddedCalls(
        weighted_means(services, largest, incident.total, len(graph.names)), effect, usual_calls, calls
    )


def _rise(
    compared: ComparedGraph, baseline: CountedSegments, incident: CountedSegments
) -> tuple[Floats, Floats, Floats]:
    """Return by (operation, edge) the sure rise of the calls a segment makes, and the calls in both."""
    made = compared.graph.made
    (usual_calls, usual_variance), (calls, variance) = (
        _calls(made.operation, side) for side in (baseline, incident)
    )
    # The largest effect among an operation's edges is taken, so each edge is one comparison of many, even
    # when the effect serves only to rank.
    bound = NormalDist().inv_cdf(1 - SIGNIFICANCE / max(compared.comparisons, len(made.edge), 1))
    traces, known = incident.traces[made.operation], baseline.total[made.operation] > 0
    sure = np.maximum(calls - usual_calls - bound * np.sqrt(usual_variance + variance), 0.0) * known
    sure *= traces / (traces + SHRINKAGE_TRACES)
    return sure, usual_calls, calls


def _calls(operation: Ints, side: CountedSegments) -> tuple[Floats, Floats]:
    """Return the mean number of calls a segment makes, and the variance of that mean.

    Counts are taken to vary at least as those of independent events, even if the few segments seen were
    alike.
    """
    total = np.maximum(side.total[operation], 1.0)
    mean = side.calls / total
    variance = np.maximum(side.squares / total - mean**2, (side.calls + 0.5) / (total + 1))
    return mean, variance / np.maximum(side.traces[operation], 1.0)


def _usual_ms(compared: ComparedGraph) -> Floats:
    """Return by (operation, edge) how long a call usually takes, or takes now if the edge is new."""
    graph, calls = compared.graph, compared.graph.calls
    duration, counted = np.exp(calls.level) - graph.floor_ms, compared.counted[calls.segment]
    sides = (traces[calls.trace] & counted for traces in (compared.baseline_traces, compared.incident_traces))
    usual_ms, now_ms = (
        weighted_means(calls.edge, duration, rows.astype(float), graph.edges) for rows in sides
    )
    took: Floats = np.where(usual_ms > 0, usual_ms, now_ms)[graph.made.edge]
    return took
