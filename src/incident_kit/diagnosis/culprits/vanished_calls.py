"""Evidence: calls that used to be made are made no more."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.failures import loss_effect
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.surprise import Bools, Counts, Floats, Sample, distinct_traces, rate_changes


def vanished_calls(graph: CallGraph, compared: Comparison) -> Floats:
    """Return by service the mean effect of its calls that vanished.

    The share of a service's segments that call a callee is compared operation by operation, so that a
    change of the workload's mix is no change. Only segments without a failing call count.
    """
    segments = graph.segments
    operations = len(segments.operation_service)
    sample = Sample(segments.operation, segments.own.trace, np.zeros(0), operations)
    callers = np.unique(graph.calls.segment * graph.edges + graph.calls.edge)
    segment, edge = np.divmod(callers, max(graph.edges, 1))
    kinds, kind = np.unique(segments.operation[segment] * graph.edges + edge, return_inverse=True)
    operation, edge = np.divmod(kinds, max(graph.edges, 1))

    def without_call(traces: Bools) -> Counts:
        rows = traces[sample.trace] & segments.undisturbed
        of = np.bincount(segments.operation[rows], minlength=operations).astype(float)[operation]
        calling = np.bincount(kind[rows[segment]], minlength=len(kinds))
        return Counts(of - calling, of, distinct_traces(sample, rows)[operation])

    before, after = without_call(compared.baseline), without_call(compared.incident)
    usual = np.divide(before.of - before.happened, before.of, out=np.zeros(len(kinds)), where=before.of > 0)
    effect = loss_effect(graph, rate_changes(before, after))
    expected = after.of * usual
    by_edge = weighted_means(edge, effect, expected, graph.edges)
    known = np.bincount(edge, weights=expected, minlength=graph.edges) > 0
    return weighted_means(graph.caller, by_edge, known.astype(float), len(graph.names))
