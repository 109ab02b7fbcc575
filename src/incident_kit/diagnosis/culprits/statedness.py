"""When to name a cause, and when to say nothing.

A fixed threshold on all evidence is not safe: what chance makes of it differs from system to system. So
the evidence is taken again with every comparison corrected for their number, and it must exceed what
stretches of the case's own baseline make of each other.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.compared_graph import compared_graph
from incident_kit.diagnosis.culprits.graph.observed import Observed, observe
from incident_kit.diagnosis.culprits.suspicion import Suspicion, suspicion
from incident_kit.measure.arrays.array_types import Bools, Ints
from incident_kit.measure.arrays.stretches import Stretches

QUARTERS = 4
"""The baseline is cut into four stretches; each two of them stand once against the other two."""

INCIDENT = QUARTERS
"""The number of the incident's stretch: the one after the baseline's quarters."""

ABOVE_DRIFT = 1.5
"""A cause is named above this many times what the baseline's own drift makes of it."""

LEAST_EVIDENCE = 3.0
"""Below this nothing is named: a service twice as slow as usual, surely so, has more."""

ABOVE_RIVAL = 1.5
"""A cause is named if its evidence is this many times the next one's: else the two are candidates."""


@dataclass(frozen=True)
class Judgement:
    """The suspicion that ranks, which services are stated as the cause (one or none), and what that takes."""

    seen: Suspicion
    stated: Bools
    needed: float


def judgement(graph: CallGraph, incident: Ints, baseline: Ints, possible: Bools) -> Judgement:
    """Return who is suspected, and whether the first of them can be stated as the cause.

    `incident` and `baseline` are numbers of traces in the order of time. The first must be first as well
    when every comparison is corrected for their number, stand above the drift of the baseline, and above
    its rivals. Who is not `possible` is neither a cause nor a rival.
    """
    observed = observe(graph, _stretches(incident, baseline))
    during = np.arange(INCIDENT + 1) == INCIDENT
    with ThreadPoolExecutor(1) as beside:
        drift = beside.submit(_drift, observed.within(~during), ~during)
        compared = compared_graph(observed, ~during, during)
        seen = suspicion(compared)
        evidence = suspicion(replace(compared, comparisons=graph.comparisons), seen).total
        needed = max(LEAST_EVIDENCE, ABOVE_DRIFT * drift.result())
    evidence = np.where(possible, evidence, 0.0)
    first = int(np.argmax(np.where(possible, seen.total, -1.0)))
    rival = float(np.delete(evidence, first).max(initial=0.0))
    stated = np.zeros(len(evidence), dtype=bool)
    stated[first] = evidence[first] >= needed and evidence[first] >= ABOVE_RIVAL * rival
    return Judgement(seen, stated, needed)


def _stretches(incident: Ints, baseline: Ints) -> Stretches:
    """Return the quarters of the baseline and, last, the incident."""
    stretch = np.full(len(incident) + len(baseline), INCIDENT)
    stretch[baseline] = np.arange(len(baseline)) * QUARTERS // max(len(baseline), 1)
    return Stretches(stretch, INCIDENT + 1)


def _drift(usual: Observed, quarters: Bools) -> float:
    """Return the most that is made of the baseline alone: each two of its quarters against the other two."""
    of, pairs = np.arange(len(quarters)), combinations(np.flatnonzero(quarters), QUARTERS // 2)
    halves = (np.isin(of, pair) for pair in pairs)
    compared = (compared_graph(usual, quarters & ~half, half) for half in halves)
    careful = (replace(each, comparisons=usual.graph.comparisons) for each in compared)
    return max(float(suspicion(each).total.max()) for each in careful)
