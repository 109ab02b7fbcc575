"""Weighted means by group, as arrays."""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints


def weighted_means(group: Ints, value: Floats, weight: Floats, groups: int) -> Floats:
    """Return the weighted mean of `value` in each group; 0 for a group without weight."""
    total = np.bincount(group, weights=value * weight, minlength=groups)
    weights = np.bincount(group, weights=weight, minlength=groups)
    return np.divide(total, weights, out=np.zeros(groups), where=weights > 0)
