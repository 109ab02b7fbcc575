"""Decide whether the first suspect is stated as the cause, or only listed as a candidate.

A service is stated if its evidence exceeds both what chance produces and the evidence against its rivals.
A rival is another service whose evidence comes close to the first one's. A fixed threshold alone is not
safe, because chance produces different amounts of evidence in different systems. So the evidence is
computed a second time with every comparison corrected for their number, and the baseline's own drift sets
the threshold. In the example of `suspicion` with a slow redis:

    corrected evidence: redis 37.3, cart 18.5, web 0
    drift, the most that two quarters of the baseline show against the other two: 0
    37.3 >= max(3.0, 1.5 * 0)    redis is clear of chance
    37.3 >= 1.5 * 18.5           redis is clear of its next rival, cart: redis is stated

With cart at 30 neither is stated: both are candidates.
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
"""The baseline is cut into four stretches of time. Each pair of them is compared with the other pair."""

INCIDENT_STRETCH = QUARTERS
"""Number of the incident's stretch, which follows the baseline's quarters."""

ABOVE_DRIFT = 1.5
"""A cause is stated only above this multiple of the evidence that the baseline's own drift produces."""

MIN_EVIDENCE = 3.0
"""Below this nothing is stated. A service that is surely twice as slow as usual has more. One that makes few
requests fail has less; if its failures are as much evidence as those of the requests, that is enough."""

ABOVE_RIVAL = 1.5
"""A cause is stated if its evidence is this many times the next one's; otherwise the two are candidates."""

BEYOND_CHANCE = 0.5
"""Score above which a dependency has as much evidence as it takes to be stated."""


@dataclass(frozen=True)
class Judgement:
    """The outcome: who is suspected, and whether the first suspect is stated as the cause.

    `ranking_suspicion` ranks, `stated` marks the service that is the cause (one or none), and `needed` is the
    evidence that it takes to be stated.
    """

    ranking_suspicion: Suspicion
    stated: Bools
    needed: float


def judgement(graph: CallGraph, incident: Ints, baseline: Ints, possible: Bools, failed: float) -> Judgement:
    """Rank the suspects, and decide whether the first of them can be stated as the cause.

    `incident` and `baseline` are trace numbers in the order of time. When every comparison is corrected for
    their number, the first suspect's evidence must exceed the drift of the baseline and that of its rivals. A
    name that is not `possible` is neither a cause nor a rival. `failed` is the evidence that requests failed:
    what a service has that all of them pass through, and at which all of these failures began.
    """
    observed = observe(graph, _stretches(incident, baseline))
    in_incident = np.arange(INCIDENT_STRETCH + 1) == INCIDENT_STRETCH
    with ThreadPoolExecutor(1) as executor:
        drift = executor.submit(_drift, observed.within(~in_incident), ~in_incident)
        compared = compared_graph(observed, ~in_incident, in_incident)
        ranking_suspicion = suspicion(compared)
        careful = suspicion(replace(compared, comparisons=graph.comparisons), ranking_suspicion)
        drifted = ABOVE_DRIFT * drift.result()
    evidence = np.where(possible, careful.total, 0.0)
    first = int(np.argmax(np.where(possible, ranking_suspicion.total, -1.0)))
    shows_it = 0 < failed <= careful.pieces.of_failures[first]
    needed = max(min(failed, MIN_EVIDENCE) if shows_it else MIN_EVIDENCE, drifted)
    rival = float(np.delete(evidence, first).max(initial=0.0))
    stated = np.zeros(len(evidence), dtype=bool)
    stated[first] = evidence[first] >= needed and evidence[first] >= ABOVE_RIVAL * rival
    return Judgement(ranking_suspicion, stated, needed)


def _stretches(incident: Ints, baseline: Ints) -> Stretches:
    """Return the quarters of the baseline and, last, the incident."""
    stretch = np.full(len(incident) + len(baseline), INCIDENT_STRETCH)
    stretch[baseline] = np.arange(len(baseline)) * QUARTERS // max(len(baseline), 1)
    return Stretches(stretch, INCIDENT_STRETCH + 1)


def _drift(baseline: Observed, quarters: Bools) -> float:
    """Return the most evidence within the baseline alone: pairs of its quarters against the other pairs."""
    stretches, pairs = np.arange(len(quarters)), combinations(np.flatnonzero(quarters), QUARTERS // 2)
    halves = (np.isin(stretches, pair) for pair in pairs)
    compared = (compared_graph(baseline, quarters & ~half, half) for half in halves)
    careful = (replace(each, comparisons=baseline.graph.comparisons) for each in compared)
    return max(float(suspicion(each).total.max()) for each in careful)
