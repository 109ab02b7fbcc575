"""When to name a cause, and when to say nothing.

A fixed threshold on all evidence is not safe: what chance makes of it differs from system to system. So
the evidence is taken again with every comparison corrected for their number, and it must exceed what
stretches of the case's own baseline make of each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.graph_parts import graph_of
from incident_kit.diagnosis.culprits.suspicion import Suspicion, suspicion
from incident_kit.measure.samples import Bools, Ints

QUARTERS = 4
"""The baseline is cut into four stretches; each two of them stand once against the other two."""

ABOVE_DRIFT = 1.5
"""A cause is named above this many times what the baseline's own drift makes of it."""

LEAST_EVIDENCE = 3.0
"""Below this nothing is named: a service twice as slow as usual, surely so, has more."""

ABOVE_RIVAL = 1.5
"""A cause is named if its evidence is this many times the next one's: else the two are candidates."""

THREADS = 2
"""Most of a comparison is numpy's work, during which another thread may run; more would only take memory."""


@dataclass(frozen=True)
class Judgement:
    """The suspicion that ranks, which services are stated as the cause (one or none), and what that takes."""

    seen: Suspicion
    stated: Bools
    needed: float


def judgement(graph: CallGraph, compared: Comparison, in_time: Ints) -> Judgement:
    """Return who is suspected, and whether the first of them can be stated as the cause.

    `in_time` are the numbers of the baseline's traces in the order of time. The first must be first as
    well when every comparison is corrected for their number, stand above the drift of the baseline, and
    above its rivals.
    """
    careful = replace(compared, comparisons=graph.comparisons)
    usual, halvings = graph_of(graph, compared.baseline), _halvings(careful, in_time)
    with ThreadPoolExecutor(THREADS) as beside:
        drifts = beside.map(lambda halves: float(suspicion(usual, halves).total.max()), halvings)
        seen = suspicion(graph, compared)
        evidence = suspicion(graph, careful, seen).total
        needed = max(LEAST_EVIDENCE, ABOVE_DRIFT * max(drifts))
    first = int(np.argmax(seen.total))
    rival = float(np.delete(evidence, first).max(initial=0.0))
    stated = np.zeros(len(evidence), dtype=bool)
    stated[first] = evidence[first] >= needed and evidence[first] >= ABOVE_RIVAL * rival
    return Judgement(seen, stated, needed)


def _halvings(careful: Comparison, in_time: Ints) -> Iterator[Comparison]:
    """Yield the baseline against itself: each two of its quarters against the other two."""
    quarter = np.arange(len(in_time)) * QUARTERS // max(len(in_time), 1)
    for chosen in combinations(range(QUARTERS), QUARTERS // 2):
        half = np.zeros(len(careful.baseline), dtype=bool)
        half[in_time[np.isin(quarter, chosen)]] = True
        yield replace(careful, incident=half, baseline=careful.baseline & ~half)
