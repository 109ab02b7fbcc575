"""How far the values of each kind moved: arrays only.

A change is judged against how that kind varies by itself, and by its size: surprise alone or size alone
ranks worse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rank_sums import rank_evidence
from incident_kit.measure.arrays.samples import DOUBT, DOUBTFUL_TRACES, Ordered, Sample
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.arrays.surprise import surprises

TRIM = 0.02
"""The highest 2 % of the incident's values are left out: single stalls are no change of level."""

Z = NormalDist().inv_cdf(1 - DOUBT)
"""That bound in standard errors, for a single comparison."""

LEAST_VARIANCE = 0.5
"""Surprises of a few baseline values may vary by chance much less than the unit variance they should have."""

LEAST_INCIDENT_TRACES, LEAST_BASELINE_TRACES = 3, 5
"""Fewer say nothing about a level, or about its spread."""


@dataclass(frozen=True)
class Changes:
    """By key: effect (surprise gained times size), calls in the incident, means before and after.

    The means are 0 where ranks, or too few traces, rule any effect out.
    """

    effect: Floats
    calls: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True)
class Levels:
    """Observations in order, with the stretch that each lies in.

    By stretch and key: how many there are (`calls`), and in how many distinct traces.
    """

    observed: Ordered
    stretch: Ints
    calls: Floats
    traces: Floats
    floor: float

    @cached_property
    def rank_sums(self) -> Floats:
        """By stretch and key, the sum of the observations' ranks among all of their key."""
        cell = self.stretch * self.observed.keys + self.observed.key
        sums = np.bincount(cell, weights=self.observed.rank, minlength=self.calls.size)
        return sums.astype(float).reshape(*self.calls.shape)

    def within(self, stretches: Bools) -> Levels:
        """Return the observations of some stretches, to be ranked among themselves."""
        kept = stretches[self.stretch]
        return replace(self, observed=self.observed.where(kept), stretch=self.stretch[kept])


def levels(sample: Sample, stretches: Stretches, chosen: Bools) -> Levels:
    """Return the chosen rows of a sample in order, with what each of the stretches has of them."""
    observed, rows = sample.among(chosen), sample.where(chosen)
    return Levels(
        observed=observed,
        stretch=stretches.of[sample.trace[observed.rows]],
        calls=stretches.count(rows),
        traces=stretches.traces(rows),
        floor=sample.floor,
    )


def changes(found: Levels, before: Bools, after: Bools, comparisons: int = 1) -> Changes:
    """Return how much each key's values grew from some stretches to others, which are all there are.

    Effect = L ln(1 + change / floor), where L is the gain of mean surprise beyond its 95 % bound, shrunk
    for few traces. As one of many `comparisons`, L is at most what a rank-sum test grants after
    Bonferroni's correction.
    """
    n0, n1 = (found.traces[side].sum(axis=0) for side in (before, after))
    m0, m1 = (found.calls[side].sum(axis=0) for side in (before, after))
    granted = np.where((n1 >= LEAST_INCIDENT_TRACES) & (n0 >= LEAST_BASELINE_TRACES), np.inf, 0.0)
    if comparisons > 1:
        total = found.rank_sums[after].sum(axis=0)
        granted = np.minimum(granted, rank_evidence(total, m1, m0, n1, n0) - np.log(comparisons))
    # Of stretches that are alike nearly all ends here; ranks and means cost less than surprises.
    rows = (granted > 0)[found.observed.key]
    observed, during = found.observed.where(rows), after[found.stretch[rows]]
    inside, usual = _without_top(observed, during), ~during
    usually, lately = observed.means(observed.value, usual), observed.means(observed.value, inside)
    grew = (lately > usually)[observed.key]
    gained = _gained(observed.where(grew), inside[grew], usual[grew], n1, n0)
    sure = np.maximum(np.minimum(gained, granted), 0.0) * n1 / (n1 + DOUBTFUL_TRACES)
    return Changes(
        effect=sure * np.log1p(np.maximum(lately - usually, 0.0) / found.floor),
        calls=m1,
        before=usually,
        after=lately,
    )


def _gained(observed: Ordered, incident: Bools, baseline: Bools, n1: Floats, n0: Floats) -> Floats:
    """Return by key the gain of mean surprise beyond its bound, of `n1` traces against `n0`."""
    surprise = surprises(observed, baseline)
    mean = observed.means(surprise, baseline)
    spread = observed.means((surprise - mean[observed.key]) ** 2, baseline)
    error = np.sqrt(np.maximum(spread, LEAST_VARIANCE) * (1 / np.maximum(n1, 1) + 1 / np.maximum(n0, 1)))
    gained: Floats = observed.means(surprise, incident) - mean - Z * error
    return gained


def _without_top(observed: Ordered, chosen: Bools) -> Bools:
    """Return the chosen rows without each key's highest TRIM of them."""
    n = observed.count(chosen)
    rank = np.cumsum(chosen) - (np.cumsum(n) - n)[observed.key]
    kept: Bools = chosen & (rank <= (n - np.floor(TRIM * n))[observed.key])
    return kept
