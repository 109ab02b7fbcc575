"""When to name a cause, and when to say nothing.

A fixed threshold is not safe: the evidence that chance alone makes differs from system to system. It is
measured on the case's own baseline, one random half against the other.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.suspicion import suspicion
from incident_kit.measure.surprise import Bools, Floats

SPLITS = 12
"""Random halvings of the baseline; the largest evidence any of them makes is what chance can do."""

ABOVE_CHANCE = 1.5
"""A cause is named above this many times what chance made: halves know less of rare values than wholes."""

LEAST_EVIDENCE = 3.0
"""Below this nothing is named, however quiet the baseline was."""

ABOVE_RIVAL = 1.5
"""A cause is named if its evidence is this many times the next one's: else the two are candidates."""

SEED = 7


def bar(graph: CallGraph, baseline: Bools) -> float:
    """Return the evidence a service must have to be named: what chance makes of the baseline, and more."""
    traces = np.flatnonzero(baseline)
    random = np.random.default_rng(SEED)
    chance = 0.0
    for _ in range(SPLITS):
        half = np.zeros(len(baseline), dtype=bool)
        half[random.permutation(traces)[: len(traces) // 2]] = True
        chance = max(chance, float(suspicion(graph, Comparison(half, baseline & ~half)).total.max()))
    return max(LEAST_EVIDENCE, ABOVE_CHANCE * chance)


def stated(total: Floats, needed: float) -> Bools:
    """Return which services are stated as causes: at most the first, and only if it stands out."""
    order = np.argsort(-total, kind="stable")
    found = np.zeros(len(total), dtype=bool)
    rival = total[order[1]] if len(order) > 1 else 0.0
    first = total[order[0]]
    found[order[0]] = first >= needed and first >= ABOVE_RIVAL * rival
    return found
