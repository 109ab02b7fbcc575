"""Evidence: a service answers sooner than usual, without operations that it always performed.

Example: `Login` always runs `checkPassword` and takes 40 ms. Now some `Login` segments lack `checkPassword`
and take 2 ms: these are early returns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.counted_segments import CountedSegments
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.rate_changes import Occurrences, rate_changes

ALWAYS = 0.95
"""An inner operation is part of an operation if 95 % of its segments in the baseline have it."""

MIN_SEGMENTS = 5
"""Fewer segments than this in the baseline do not show what an operation always does."""


@dataclass(frozen=True)
class EarlyReturns:
    """By service: the effect, and the largest rise of the share of early returns of one of its operations."""

    effect: Floats
    rise: Floats


def early_returns(compared: ComparedGraph) -> EarlyReturns:
    """Return the segment-weighted mean effect of each service's early returns.

    An early return is a segment that lacks something its operation always did, and took less time than usual.
    Either alone is not enough: an inner operation may be gone because an error handler is, and a segment may
    be short because a cache is warm. Only segments count that no failure further down disturbed.
    """
    graph, largest = compared.graph, np.zeros(len(compared.graph.names))
    baseline, incident = compared.baseline_segments, compared.incident_segments
    incomplete = _incomplete(graph, baseline)
    if not incomplete.any():
        return EarlyReturns(largest, largest)
    groups, service = graph.segments.by_operation, graph.segments.operation_service
    sides = (traces[groups.trace] for traces in (compared.baseline_traces, compared.incident_traces))
    in_baseline, in_incident = (side & compared.counted for side in sides)
    early = incomplete & _short(graph, in_baseline)
    rise = rate_changes(
        Occurrences(groups.count(in_baseline & early), baseline.total, baseline.traces),
        Occurrences(groups.count(in_incident & early), incident.total, incident.traces),
        compared.comparisons,
    )
    np.maximum.at(largest, service, rise)
    effect = weighted_means(service, graph.loss_effect(rise), incident.total, len(largest))
    return EarlyReturns(effect, largest)


def _incomplete(graph: CallGraph, baseline: CountedSegments) -> Bools:
    """Return which segments lack an inner operation that their operation always has."""
    inner, operations = graph.inner, graph.segments.by_operation
    total = baseline.total[inner.key_operation]
    always = (baseline.having >= ALWAYS * total) & (total >= MIN_SEGMENTS)
    expected = np.bincount(inner.key_operation[always], minlength=operations.keys)
    present = np.bincount(inner.segment[always[inner.key]], minlength=len(operations.key))
    incomplete: Bools = present < expected[operations.key]
    return incomplete


def _short(graph: CallGraph, usual: Bools) -> Bools:
    """Return which segments took less time than the geometric mean of their operation's usual ones."""
    level, operations = graph.segments.level, graph.segments.by_operation
    mean = weighted_means(operations.key, level, usual.astype(float), operations.keys)
    short: Bools = level < mean[operations.key]
    return short
