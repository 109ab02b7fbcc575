"""Count observations by stretch of time, once for all comparisons of stretches.

A *stretch* is a period that a trace belongs to, such as the baseline or one of its parts. Counts of stretches
add up, so a comparison of some stretches with others is a sum of a few rows. For example, traces 0 and 1 lie
in stretch 0 and traces 2 and 3 in stretch 1. A key that was observed twice in trace 0 and once in trace 3 has
the counts 2 and 1, in 1 trace each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.samples import Groups, distinct


@dataclass(frozen=True)
class Stretches:
    """Stretch of each trace, from 0 to `number` - 1. Tables have a row for each stretch."""

    of_trace: Ints
    number: int

    def count(self, observed: Groups, weight: Floats | None = None) -> Floats:
        """Return how often each key occurs, or the sum of its weights; shape (stretches, keys)."""
        return self._table(observed.key, observed.trace, observed.keys, weight)

    def traces(self, observed: Groups) -> Floats:
        """Return the number of distinct traces of each key, shape (stretches, keys)."""
        traces = max(len(self.of_trace), 1)
        key, trace = np.divmod(distinct(observed.key * traces + observed.trace), traces)
        return self._table(key, trace, observed.keys)

    def _table(self, key: Ints, trace: Ints, keys: int, weight: Floats | None = None) -> Floats:
        cell = self.of_trace[trace] * keys + key
        return np.bincount(cell, weight, self.number * keys).reshape(self.number, keys).astype(float)
