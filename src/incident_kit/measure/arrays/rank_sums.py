"""A rank-sum test by key: how certain it is that values rose, whatever their distribution. Arrays only."""

from __future__ import annotations

from math import erfc, log, sqrt

import numpy as np

from incident_kit.measure.arrays.array_types import Floats

MAX_DEVIATIONS = 12.0
"""Upper bound on a rank sum's deviation. It is worth 75 nats, more than any correction subtracts."""


def rank_evidence(total: Floats, m1: Floats, m0: Floats, n1: Floats, n0: Floats) -> Floats:
    """Return by key -ln p of the one-sided rank-sum test of incident above baseline (Mann, Whitney 1947).

    `total` is the sum of the ranks of the incident's `m1` values among these and the baseline's `m0` values.
    The share of pairs in which the incident's value is higher, (total - m1 (m1 + 1) / 2) / (m1 m0), is
    compared with one half in the normal approximation. Its standard deviation is sqrt((n1 + n0 + 1) / (12 n1
    n0)), with the numbers of distinct traces, `n1` and `n0`, as sample sizes, because values of one trace are
    not independent. All arrays have the shape (keys,).
    """
    above = np.divide(total - m1 * (m1 + 1) / 2, m1 * m0, out=np.full(len(m1), 0.5), where=m1 * m0 > 0)
    spread = np.sqrt((n1 + n0 + 1) / (12 * np.maximum(n1, 1) * np.maximum(n0, 1)))
    z = np.minimum((above - 0.5) / spread, MAX_DEVIATIONS)
    return np.array([-log(erfc(deviations / sqrt(2)) / 2) for deviations in z])
