"""How unusual a value is for its own kind: arrays only.

The surprise of a value is -ln of the baseline's upper tail, extrapolated exponentially beyond its 95th
percentile.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.samples import Ordered

TAIL = 0.95
"""Beyond this quantile a baseline of ordinary size has too few values to count; it is extrapolated."""

KNEE = np.log(1 / (1 - TAIL))
"""The surprise at that quantile."""

SHOULDER = 0.75
"""The tail's decay is told from the quantiles SHOULDER and TAIL, a factor of 5 in the tail's mass apart."""

LEAST_DECAY = 0.12
"""The tail decays by e over 12 % of a value at least, else a steady value is too easily surprising."""

MOST_SURPRISE = 12.0
"""Surprise beyond e^-12 tells nothing more: a thousand times slower is not surer than ten times."""


def surprises(observed: Ordered, baseline: Bools) -> Floats:
    """Return the surprise of each level against the baseline levels of its key (0 to MOST_SURPRISE)."""
    key, level = observed.key, observed.level
    n = np.bincount(key[baseline], minlength=observed.keys)
    first = np.cumsum(n) - n
    as_high = n[key] - (_below(observed.tie, baseline) - first[key])
    counted = -np.log((as_high + 0.5) / (n[key] + 0.5))
    tail, shoulder = (_quantiles(level[baseline], first, n, q) for q in (TAIL, SHOULDER))
    decay = np.maximum((tail - shoulder) / np.log((1 - SHOULDER) / (1 - TAIL)), LEAST_DECAY)
    beyond = KNEE + (level - tail[key]) / decay[key]
    surprise = np.where(level > tail[key], beyond, np.minimum(counted, KNEE))
    return np.where(n[key] > 0, np.minimum(surprise, MOST_SURPRISE), 0.0)


def _below(tie: Ints, baseline: Bools) -> Ints:
    """Return how many baseline rows come before the first row that equals each one."""
    before: Ints = np.cumsum(baseline) - baseline
    return before[np.flatnonzero(np.diff(tie, prepend=-1))][tie]


def _quantiles(ordered: Floats, first: Ints, n: Ints, q: float) -> Floats:
    """Return the q-quantile of each key's stretch (interpolated linearly), 0 for an empty one."""
    if not len(ordered):
        return np.zeros(len(n))
    position = q * np.maximum(n - 1, 0)
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    last = len(ordered) - 1
    left, right = ordered[np.minimum(first + low, last)], ordered[np.minimum(first + high, last)]
    return np.where(n > 0, left + (right - left) * (position - low), 0.0)
