"""Measure how far the values of each key rose between two sets of time stretches. Works on arrays only.

A change counts by how surprising it is for that key and by its size, multiplied. Either one alone ranks
worse. A steady call of 1 ms that takes 3 ms is surprising but small; a call of 2 s that often varies by 1 s
and takes 2.3 s is a large change without surprise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rank_sums import rank_evidence
from incident_kit.measure.arrays.samples import SHRINKAGE_TRACES, SIGNIFICANCE, Ordered, Sample
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.arrays.surprise import surprises

TRIM = 0.02
"""Share of the incident's highest values that are left out, because single stalls are no change of level."""

ONE_SIDED_Z = NormalDist().inv_cdf(1 - SIGNIFICANCE)
"""The bound `SIGNIFICANCE` in standard errors, for a single comparison."""

MIN_VARIANCE = 0.5
"""Lower bound on the variance of baseline surprises. It should be 1, but a few values may vary much less by
chance.
"""

MIN_INCIDENT_TRACES, MIN_BASELINE_TRACES = 3, 5
"""Fewest traces that show a level, and fewest that show its spread."""


@dataclass(frozen=True)
class Changes:
    """Changes by key: effect (gained surprise times size), calls in the incident, means before and after.

    The means are 0 if ranks or too few traces rule out any effect.
    """

    effect: Floats
    calls: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True)
class Levels:
    """Ordered observations, with the stretch of each, and counts by stretch and key.

    `calls` counts observations and `traces` distinct traces, both of shape (stretches, keys).
    """

    observed: Ordered
    stretch: Ints
    calls: Floats
    traces: Floats
    floor: float

    @cached_property
    def rank_sums(self) -> Floats:
        """Sum of the observations' ranks within their key, shape (stretches, keys)."""
        cell = self.stretch * self.observed.keys + self.observed.key
        sums = np.bincount(cell, weights=self.observed.rank, minlength=self.calls.size)
        return sums.astype(float).reshape(*self.calls.shape)

    def within(self, stretches: Bools) -> Levels:
        """Return the observations of the selected stretches, ranked only among themselves."""
        kept = stretches[self.stretch]
        return replace(self, observed=self.observed.filter(kept), stretch=self.stretch[kept])


def levels(sample: Sample, stretches: Stretches, chosen: Bools) -> Levels:
    """Return the chosen rows of a sample in order, with the counts for each stretch."""
    observed, rows = sample.among(chosen), sample.filter(chosen)
    return Levels(
        observed=observed,
        stretch=stretches.of_trace[sample.trace[observed.rows]],
        calls=stretches.count(rows),
        traces=stretches.traces(rows),
        floor=sample.floor,
    )


def changes(found: Levels, before: Bools, after: Bools, comparisons: int = 1) -> Changes:
    """Return how much each key's values grew from the stretches `before` to the stretches `after`.

    Together, the two must select all stretches. Effect = L ln(1 + change / floor), where L is the gain of
    mean surprise beyond its 95 % bound, shrunk for few traces. For one of many `comparisons`, L is at most
    the evidence of a rank-sum test after Bonferroni's correction.
    """
    n0, n1 = (found.traces[side].sum(axis=0) for side in (before, after))
    m0, m1 = (found.calls[side].sum(axis=0) for side in (before, after))
    granted = np.where((n1 >= MIN_INCIDENT_TRACES) & (n0 >= MIN_BASELINE_TRACES), np.inf, 0.0)
    if comparisons > 1:
        total = found.rank_sums[after].sum(axis=0)
        granted = np.minimum(granted, rank_evidence(total, m1, m0, n1, n0) - np.log(comparisons))
    # Filter by ranks and means before computing surprises, which cost more. Between similar stretches, hardly
    # any key passes.
    rows = (granted > 0)[found.observed.key]
    observed, during = found.observed.filter(rows), after[found.stretch[rows]]
    inside, usual = _without_top(observed, during), ~during
    usually, lately = observed.means(observed.value, usual), observed.means(observed.value, inside)
    grew = (lately > usually)[observed.key]
    gained = _gained(observed.filter(grew), inside[grew], usual[grew], n1, n0)
    sure = np.maximum(np.minimum(gained, granted), 0.0) * n1 / (n1 + SHRINKAGE_TRACES)
    return Changes(
        effect=sure * np.log1p(np.maximum(lately - usually, 0.0) / found.floor),
        calls=m1,
        before=usually,
        after=lately,
    )


def _gained(observed: Ordered, incident: Bools, baseline: Bools, n1: Floats, n0: Floats) -> Floats:
    """Return by key the gain of mean surprise beyond its bound, for `n1` traces against `n0`, shape (keys,).

    The gain is the incident's mean minus the baseline's mean minus ONE_SIDED_Z standard errors. The squared
    standard error is the baseline's variance times (1 / n1 + 1 / n0).
    """
    surprise = surprises(observed, baseline)
    mean = observed.means(surprise, baseline)
    spread = observed.means((surprise - mean[observed.key]) ** 2, baseline)
    error = np.sqrt(np.maximum(spread, MIN_VARIANCE) * (1 / np.maximum(n1, 1) + 1 / np.maximum(n0, 1)))
    gained: Floats = observed.means(surprise, incident) - mean - ONE_SIDED_Z * error
    return gained


def _without_top(observed: Ordered, chosen: Bools) -> Bools:
    """Return the chosen rows except each key's highest share TRIM of them."""
    n = observed.count(chosen)
    rank = np.cumsum(chosen) - (np.cumsum(n) - n)[observed.key]
    kept: Bools = chosen & (rank <= (n - np.floor(TRIM * n))[observed.key])
    return kept
