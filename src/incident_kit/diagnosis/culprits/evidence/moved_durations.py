"""Find edges whose calls take another time than usual, longer or shorter.

An answer that differs usually takes another time: an error page is quicker than a rendered basket.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.graph.compared_graph import ComparedGraph
from incident_kit.diagnosis.culprits.graph.means import weighted_means
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints

CLEARLY = 0.5
"""A call's duration moved if its mean moved by half a standard deviation, in ln(ms)."""

MIN_CALLS = 5
"""Fewer calls than this say nothing about their duration."""


def duration_moved(compared: ComparedGraph) -> Bools:
    """Return by edge whether the calls that were their segment's last took another time than usual."""
    graph, calls = compared.graph, compared.graph.calls
    baseline = compared.baseline_traces[calls.trace]
    incident = compared.incident_traces[calls.trace] & calls.is_last
    (n0, mean0, var0), (n1, mean1, var1) = (
        _moments(calls.edge[rows], calls.level[rows], graph.edges) for rows in (baseline, incident)
    )
    shift = np.abs(mean1 - mean0)
    error = np.sqrt(var1 / np.maximum(n1, 1) + var0 / np.maximum(n0, 1))
    moved: Bools = (np.minimum(n1, n0) >= MIN_CALLS) & (shift > 2 * error) & (shift > CLEARLY * np.sqrt(var0))
    return moved


def _moments(group: Ints, value: Floats, groups: int) -> tuple[Floats, Floats, Floats]:
    ones = np.ones(len(value))
    mean = weighted_means(group, value, ones, groups)
    return (
        np.bincount(group, minlength=groups).astype(float),
        mean,
        weighted_means(group, (value - mean[group]) ** 2, ones, groups),
    )
