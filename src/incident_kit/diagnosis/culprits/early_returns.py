"""Evidence: a service answers sooner than usual, without operations that it always performed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph
from incident_kit.diagnosis.culprits.counted_segments import CountedSegments
from incident_kit.diagnosis.culprits.means import weighted_means
from incident_kit.measure.rate_changes import Counts, rate_changes
from incident_kit.measure.samples import Bools, Floats

ALWAYS = 0.95
"""An inner operation is part of an operation if the baseline has it in 95 % of the segments."""

LEAST_SEGMENTS = 5
"""Fewer segments in the baseline do not show what an operation always does."""


@dataclass(frozen=True)
class EarlyReturns:
    """By service: the effect, and the largest rise of an operation's early returns."""

    effect: Floats
    rise: Floats


def early_returns(
    graph: CallGraph, before: CountedSegments, after: CountedSegments, comparisons: int
) -> EarlyReturns:
    """Return the segment-weighted mean effect of each service's early returns.

    An early return is a segment that lacks something its operation always did, and took less time than
    usual. Either alone is not enough: an error handler that is gone, a cache that is warm. Only segments
    count that no failure further down disturbed; the rise is one of many `comparisons`.
    """
    segments, services = graph.segments, len(graph.names)
    groups = segments.by_operation
    early = _incomplete(graph, before) & _short(graph, before.rows)
    usual, now = (Counts(groups.count(side.rows & early), side.of, side.traces) for side in (before, after))
    rise = rate_changes(usual, now, comparisons)
    largest = np.zeros(services)
    np.maximum.at(largest, segments.operation_service, rise)
    effect = weighted_means(segments.operation_service, graph.loss_effect(rise), after.of, services)
    return EarlyReturns(effect, largest)


def _incomplete(graph: CallGraph, before: CountedSegments) -> Bools:
    """Return which segments lack an inner operation that theirs always has."""
    inner, operation = graph.inner, graph.segments.by_operation.key
    operations = graph.segments.by_operation.keys
    of, keys = before.of, len(inner.key_operation)
    seen = np.bincount(inner.key[before.rows[inner.segment]], minlength=keys)
    always = (seen >= ALWAYS * of[inner.key_operation]) & (of[inner.key_operation] >= LEAST_SEGMENTS)
    expected = np.bincount(inner.key_operation[always], minlength=operations)
    present = np.bincount(inner.segment[always[inner.key]], minlength=len(operation))
    incomplete: Bools = present < expected[operation]
    return incomplete


def _short(graph: CallGraph, usual: Bools) -> Bools:
    """Return which segments took less time than the geometric mean of their operation's usual ones."""
    level, operations = graph.segments.level, graph.segments.by_operation
    mean = weighted_means(operations.key, level, usual.astype(float), operations.keys)
    short: Bools = level < mean[operations.key]
    return short
