"""Measure how far rates rose, and weigh a lost call against a delay. Works on arrays only.

For example, if 2 of 100 calls failed before and 30 of 100 in the incident, the rate rose by 0.28, and 0.20 of
that counts as certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.samples import SHRINKAGE_TRACES, SIGNIFICANCE, Groups
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.arrays.surprise import MAX_SURPRISE


@dataclass(frozen=True)
class Occurrences:
    """How often something happened by key (events), how often it could have (trials), in how many traces.

    The arrays have shape (keys,), or (stretches, keys) with a row for each stretch of time.
    """

    events: Floats
    trials: Floats
    traces: Floats

    def within(self, stretches: Bools) -> Occurrences:
        """Return the sums over the selected stretches, from arrays of shape (stretches, keys)."""
        return Occurrences(*(each[stretches].sum(axis=0) for each in (self.events, self.trials, self.traces)))


def occurrences(observed: Groups, happened: Bools, stretches: Stretches) -> Occurrences:
    """Return how often something happened by stretch and key, as arrays of shape (stretches, keys).

    Keys for which it never happened count as 0 of 0.
    """
    ever = np.bincount(observed.key[happened], minlength=observed.keys) > 0
    able = observed.filter(ever[observed.key])
    happening = stretches.count(observed.filter(happened))
    return Occurrences(happening, stretches.count(able), stretches.traces(able))


def rate_changes(before: Occurrences, after: Occurrences, comparisons: int = 1) -> Floats:
    """Return the certain part of each rate's rise, as one of `comparisons`, shrunk for few traces.

    The result has the shape (keys,). The certain part is the rise minus its one-sided normal bound at the
    level SIGNIFICANCE / `comparisons` (Bonferroni). The variance of a rate r is r (1 - r) / traces. It uses
    the number of traces, because two occurrences in one trace are one event. It uses r smoothed by half an
    event, so that 0 of 3 does not count as never.
    """
    error = np.sqrt(_rate_variance(before) + _rate_variance(after))
    rise = after.events / np.maximum(after.trials, 1) - before.events / np.maximum(before.trials, 1)
    bound = NormalDist().inv_cdf(1 - SIGNIFICANCE / comparisons)
    sure = np.maximum(rise - bound * error, 0.0) * after.traces / (after.traces + SHRINKAGE_TRACES)
    return np.where((after.trials > 0) & (before.trials > 0), sure, 0.0)


def _rate_variance(seen: Occurrences) -> Floats:
    rate = (seen.events + 0.5) / (seen.trials + 1)
    variance: Floats = rate * (1 - rate) / np.maximum(seen.traces, 1)
    return variance


def loss_effect(share: Floats, usual_ms: float, floor_ms: float) -> Floats:
    """Return the effect of losing the given share of the calls, on the scale of latency effects.

    A lost call counts with the greatest surprise and with the usual duration of a request (`usual_ms`): the
    effect is MAX_SURPRISE share ln(1 + share usual_ms / floor_ms).
    """
    effect: Floats = MAX_SURPRISE * share * np.log1p(share * usual_ms / floor_ms)
    return effect
