"""Observations by key and trace, and the weight of a number of traces. Works on arrays only.

The observations are sorted once for all comparisons. Each comparison then uses boolean masks only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints

SIGNIFICANCE = 0.05
"""Level of the one-sided bound. Only the part of a change beyond that bound counts."""

SHRINKAGE_TRACES = 2.0
"""Shrinkage: n traces count n / (n + 2). Three traces weigh more than half, thirty nearly 1."""


MAX_TABLE_RATIO = 8
"""Codes below eight times their number are renumbered with a lookup table instead of by sorting."""


@dataclass(frozen=True)
class Groups:
    """Observations, one for each row: `key` is the thing observed (0 to `keys` - 1), `trace` its trace."""

    key: Ints
    trace: Ints
    keys: int

    def count(self, rows: Bools) -> Floats:
        """Return how often each key occurs among the selected rows, shape (keys,)."""
        return np.bincount(self.key[rows], minlength=self.keys).astype(float)

    def filter(self, kept: Bools) -> Groups:
        """Return the selected observations."""
        if kept.all():
            return self
        return Groups(self.key[kept], self.trace[kept], self.keys)


@dataclass(frozen=True)
class Sample(Groups):
    """Observations with a value each. `floor` is the size below which a difference does not matter."""

    value: Floats
    floor: float

    def among(self, chosen: Bools) -> Ordered:
        """Return the chosen rows ordered by key and value."""
        return self._ordered.filter(chosen[self._ordered.rows])

    @cached_property
    def _ordered(self) -> Ordered:
        # Two quick sorts, by value and then by key, replace a slow one. The order of equal rows does not
        # matter.
        by_value = np.argsort(self.value)
        small = self.key[by_value].astype(np.min_scalar_type(self.keys))
        rows = by_value[np.argsort(small, kind="stable")]
        value = self.value[rows]
        return Ordered(rows, self.key[rows], value, np.log(np.maximum(value, 0.0) + self.floor), self.keys)


@dataclass(frozen=True)
class Ordered:
    """Observations ordered by key and value; `rows` are their row numbers in the sample.

    `level` is the value on the comparison scale, ln(value + floor).
    """

    rows: Ints
    key: Ints
    value: Floats
    level: Floats
    keys: int

    @cached_property
    def tie(self) -> Ints:
        """Number of each row's run of equal values within one key."""
        new = (np.diff(self.key, prepend=-1) != 0) | (np.diff(self.value, prepend=np.nan) != 0)
        tie: Ints = np.cumsum(new) - 1
        return tie

    @cached_property
    def rank(self) -> Floats:
        """Rank of each row within its key, from 1.

        Equal values share the mean of their ranks. Otherwise later rows would rank above equal earlier ones,
        and with a clock of millisecond resolution the ties alone would look like a change.
        """
        n = np.bincount(self.key, minlength=self.keys)
        rank = np.arange(len(self.key)) - (np.cumsum(n) - n)[self.key] + 1.0
        shared = np.bincount(self.tie, weights=rank) / np.maximum(np.bincount(self.tie), 1)
        ranks: Floats = shared[self.tie]
        return ranks

    def filter(self, kept: Bools) -> Ordered:
        """Return the selected observations in the same order."""
        if kept.all():
            return self
        return Ordered(self.rows[kept], self.key[kept], self.value[kept], self.level[kept], self.keys)

    def count(self, chosen: Bools) -> Floats:
        """Return the number of chosen rows of each key, shape (keys,)."""
        return np.bincount(self.key[chosen], minlength=self.keys).astype(float)

    def means(self, value: Floats, chosen: Bools) -> Floats:
        """Return the mean of `value` over the chosen rows of each key, shape (keys,); 0 if there are none."""
        total = np.bincount(self.key[chosen], weights=value[chosen], minlength=self.keys)
        return total / np.maximum(self.count(chosen), 1)


def codes_and_index(codes: Ints) -> tuple[Ints, Ints]:
    """Return the distinct codes (0 and above) in ascending order, and each row's index among them.

    For example, 7, 3, 7 gives the codes 3, 7 and the indices 1, 0, 1.
    """
    if _dense(codes):
        seen = _seen(codes)
        place = np.cumsum(seen, dtype=np.int32)[codes]  # int32: the table may be 8 times as long
        return np.flatnonzero(seen), place.astype(np.int64) - 1
    order = np.argsort(codes, kind="stable")
    new = np.diff(codes[order], prepend=-1) != 0
    number = np.empty(len(codes), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return codes[order[new]], number


def distinct(codes: Ints) -> Ints:
    """Return the distinct codes (0 and above) in ascending order."""
    if _dense(codes):
        return np.flatnonzero(_seen(codes))
    in_order = np.sort(codes)
    once: Ints = in_order[np.diff(in_order, prepend=-1) != 0]
    return once


def _dense(codes: Ints) -> bool:
    """Return whether a lookup table is quicker than sorting."""
    return bool(codes.max(initial=0) < MAX_TABLE_RATIO * len(codes))


def _seen(codes: Ints) -> Bools:
    seen = np.zeros(codes.max(initial=0) + 1, dtype=bool)
    seen[codes] = True
    return seen
