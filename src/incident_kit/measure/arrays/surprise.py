"""Measure how unusual a value is for its own key. Works on arrays only.

The surprise of a value is -ln of the baseline's upper-tail probability. Beyond the baseline's 95th percentile
the tail is extrapolated exponentially. For example, a value that 10 % of the baseline reaches has a surprise
of -ln 0.1 = 2.3; at the 95th percentile the surprise is 3.0.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.samples import Ordered

TAIL = 0.95
"""Quantile beyond which the tail is extrapolated. An ordinary baseline has too few values there to count."""

TAIL_SURPRISE = np.log(1 / (1 - TAIL))
"""Surprise at the quantile TAIL."""

SHOULDER = 0.75
"""The decay of the tail is estimated between the quantiles SHOULDER and TAIL, whose tail masses differ by a
factor of 5.
"""

MIN_DECAY = 0.12
"""Least decay: the tail falls by a factor e over at least 12 % of a value. Otherwise a steady value would be
surprising too easily.
"""

MAX_SURPRISE = 12.0
"""Upper bound on surprise. Beyond e^-12 it means nothing more: a slowdown by 1,000 is no surer than one by
10.
"""


def surprises(observed: Ordered, baseline: Bools) -> Floats:
    """Return the surprise of each level against the baseline levels of its key (0 to MAX_SURPRISE).

    Up to the quantile TAIL, it is -ln of the share of the baseline's levels that are as high, with half a
    level added to both counts. Beyond, it is TAIL_SURPRISE + (level - q95) / decay, where the decay is
    (q95 - q75) / ln 5, at least MIN_DECAY. It is 0 for a key without a baseline. The result has one value for
    each row of `observed`.
    """
    key, level = observed.key, observed.level
    n = np.bincount(key[baseline], minlength=observed.keys)
    first = np.cumsum(n) - n
    as_high = n[key] - (_below(observed.tie, baseline) - first[key])
    counted = -np.log((as_high + 0.5) / (n[key] + 0.5))
    tail, shoulder = (_quantiles(level[baseline], first, n, q) for q in (TAIL, SHOULDER))
    decay = np.maximum((tail - shoulder) / np.log((1 - SHOULDER) / (1 - TAIL)), MIN_DECAY)
    beyond = TAIL_SURPRISE + (level - tail[key]) / decay[key]
    surprise = np.where(level > tail[key], beyond, np.minimum(counted, TAIL_SURPRISE))
    return np.where(n[key] > 0, np.minimum(surprise, MAX_SURPRISE), 0.0)


def _below(tie: Ints, baseline: Bools) -> Ints:
    """Return the number of baseline rows before the first row that equals each row."""
    before: Ints = np.cumsum(baseline) - baseline
    return before[np.flatnonzero(np.diff(tie, prepend=-1))][tie]


def _quantiles(ordered: Floats, first: Ints, n: Ints, q: float) -> Floats:
    """Return the q-quantile of each key's run of `ordered`, shape (keys,); 0 if the run is empty.

    The quantile is interpolated linearly.
    """
    if not len(ordered):
        return np.zeros(len(n))
    position = q * np.maximum(n - 1, 0)
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    last = len(ordered) - 1
    left, right = ordered[np.minimum(first + low, last)], ordered[np.minimum(first + high, last)]
    return np.where(n > 0, left + (right - left) * (position - low), 0.0)
