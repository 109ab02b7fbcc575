"""Observations by key and trace, and how much a number of traces is worth: arrays only.

What needs sorting is sorted once for all comparisons; each of them is then a matter of boolean masks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from incident_kit.measure.arrays.array_types import Bools, Floats, Ints

DOUBT = 0.05
"""A change counts by what exceeds its one-sided bound at this level."""

DOUBTFUL_TRACES = 2.0
"""n traces count n / (n + 2): three of them are more than half sure, thirty nearly whole."""


DENSE = 8
"""Codes below eight times their count are numbered by a table with a place for each."""


@dataclass(frozen=True)
class Groups:
    """Observations, one a row: `key` says of what (0 to `keys` - 1), `trace` in which trace."""

    key: Ints
    trace: Ints
    keys: int

    def count(self, rows: Bools) -> Floats:
        """Return how often each key was seen among the selected rows."""
        return np.bincount(self.key[rows], minlength=self.keys).astype(float)

    def where(self, kept: Bools) -> Groups:
        """Return some of the observations."""
        if kept.all():
            return self
        return Groups(self.key[kept], self.trace[kept], self.keys)


@dataclass(frozen=True)
class Sample(Groups):
    """Observations with a value each; `floor` is the size below which a difference is of no account."""

    value: Floats
    floor: float

    def among(self, chosen: Bools) -> Ordered:
        """Return the chosen rows in the order of key and value."""
        return self._ordered.where(chosen[self._ordered.rows])

    @cached_property
    def _ordered(self) -> Ordered:
        # By value, then by key: two quick sorts instead of a slow one. Among equals any order serves.
        by_value = np.argsort(self.value)
        small = self.key[by_value].astype(np.min_scalar_type(self.keys))
        rows = by_value[np.argsort(small, kind="stable")]
        value = self.value[rows]
        return Ordered(rows, self.key[rows], value, np.log(np.maximum(value, 0.0) + self.floor), self.keys)


@dataclass(frozen=True)
class Ordered:
    """Observations in the order of key and value; `rows` are their rows in the sample.

    `level` is the value on the scale on which values are compared, ln(value + floor).
    """

    rows: Ints
    key: Ints
    value: Floats
    level: Floats
    keys: int

    @cached_property
    def tie(self) -> Ints:
        """The number of each row's run of equal values under one key."""
        new = (np.diff(self.key, prepend=-1) != 0) | (np.diff(self.value, prepend=np.nan) != 0)
        tie: Ints = np.cumsum(new) - 1
        return tie

    @cached_property
    def rank(self) -> Floats:
        """Each row's rank within its key, from 1.

        Equal values share the mean of their ranks; else whatever came later would seem to be higher, and
        clocks that count in milliseconds would prove anything.
        """
        n = np.bincount(self.key, minlength=self.keys)
        rank = np.arange(len(self.key)) - (np.cumsum(n) - n)[self.key] + 1.0
        shared = np.bincount(self.tie, weights=rank) / np.maximum(np.bincount(self.tie), 1)
        ranks: Floats = shared[self.tie]
        return ranks

    def where(self, kept: Bools) -> Ordered:
        """Return some of the observations, in the same order."""
        if kept.all():
            return self
        return Ordered(self.rows[kept], self.key[kept], self.value[kept], self.level[kept], self.keys)

    def count(self, chosen: Bools) -> Floats:
        """Return how many of the chosen rows each key has."""
        return np.bincount(self.key[chosen], minlength=self.keys).astype(float)

    def means(self, value: Floats, chosen: Bools) -> Floats:
        """Return the mean of `value` over the chosen rows of each key, 0 without any."""
        total = np.bincount(self.key[chosen], weights=value[chosen], minlength=self.keys)
        return total / np.maximum(self.count(chosen), 1)


def numbered(codes: Ints) -> tuple[Ints, Ints]:
    """Return the distinct codes (0 and above) in rising order, and by row the number of its own."""
    if _dense(codes):
        seen = _seen(codes)
        place = np.cumsum(seen, dtype=np.int32)[codes]  # the table may be many times as long as the codes
        return np.flatnonzero(seen), place.astype(np.int64) - 1
    order = np.argsort(codes, kind="stable")
    new = np.diff(codes[order], prepend=-1) != 0
    number = np.empty(len(codes), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return codes[order[new]], number


def distinct(codes: Ints) -> Ints:
    """Return the distinct codes (0 and above) in rising order."""
    if _dense(codes):
        return np.flatnonzero(_seen(codes))
    in_order = np.sort(codes)
    once: Ints = in_order[np.diff(in_order, prepend=-1) != 0]
    return once


def _dense(codes: Ints) -> bool:
    """Return whether counting is quicker than sorting."""
    return bool(codes.max(initial=0) < DENSE * len(codes))


def _seen(codes: Ints) -> Bools:
    seen = np.zeros(codes.max(initial=0) + 1, dtype=bool)
    seen[codes] = True
    return seen
