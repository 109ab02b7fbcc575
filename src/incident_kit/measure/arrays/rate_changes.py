"""How far rates rose, and what a loss weighs beside a delay: arrays only."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.samples import DOUBT, DOUBTFUL_TRACES, Groups
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.arrays.surprise import MOST_SURPRISE


@dataclass(frozen=True)
class Occurrences:
    """By key: how often something happened, of how many times it could, in how many distinct traces.

    The arrays are of shape (keys,), or (stretches, keys) where there is a row for each stretch of time.
    """

    happened: Floats
    of: Floats
    traces: Floats

    def within(self, stretches: Bools) -> Occurrences:
        """Return what happened in some stretches together, of arrays with a row for each stretch."""
        return Occurrences(*(of[stretches].sum(axis=0) for of in (self.happened, self.of, self.traces)))


def occurrences(observed: Groups, happened: Bools, stretches: Stretches) -> Occurrences:
    """Return how often something happened by stretch and key: arrays of shape (stretches, keys).

    Keys to which it happens in no row at all are not counted: 0 of 0.
    """
    ever = np.bincount(observed.key[happened], minlength=observed.keys) > 0
    able = observed.where(ever[observed.key])
    happening = stretches.count(observed.where(happened))
    return Occurrences(happening, stretches.count(able), stretches.traces(able))


def rate_changes(before: Occurrences, after: Occurrences, comparisons: int = 1) -> Floats:
    """Return by how much each rate surely rose, as one of `comparisons`, shrunk for few traces.

    The bound rests on the number of traces, for what happens twice in one trace is one event; and on rates
    smoothed by half an event, so that none of three is not taken for never.
    """
    error = np.sqrt(_rate_variance(before) + _rate_variance(after))
    rise = after.happened / np.maximum(after.of, 1) - before.happened / np.maximum(before.of, 1)
    bound = NormalDist().inv_cdf(1 - DOUBT / comparisons)
    sure = np.maximum(rise - bound * error, 0.0) * after.traces / (after.traces + DOUBTFUL_TRACES)
    return np.where((after.of > 0) & (before.of > 0), sure, 0.0)


def _rate_variance(seen: Occurrences) -> Floats:
    rate = (seen.happened + 0.5) / (seen.of + 1)
    variance: Floats = rate * (1 - rate) / np.maximum(seen.traces, 1)
    return variance


def loss_effect(share: Floats, usual_ms: float, floor_ms: float) -> Floats:
    """Return the effect of losing this share of the calls, on the scale of the effects of latency.

    A lost call is as surprising as anything can be and as long as a request usually takes (`usual_ms`).
    """
    effect: Floats = MOST_SURPRISE * share * np.log1p(share * usual_ms / floor_ms)
    return effect
