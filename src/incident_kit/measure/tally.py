"""Rows added up by their keys: values become small numbers, and each sum has its place in an array.

A table of hashes has to look for a row's place; a small number is the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.distinct import categories

Numbers = npt.NDArray[np.intp]
Counted = npt.NDArray[np.bool_]
Amounts = npt.NDArray[np.int64]

MOST_PLACES = 2_000_000
"""More possible numbers than these are sorted rather than given a place each; it takes longer."""


@dataclass(frozen=True)
class Keys:
    """The key of each row, as the number of its row in `values`, each of which some row has."""

    numbers: Numbers
    values: pl.DataFrame

    @staticmethod
    def of(column: pl.Series) -> Keys:
        """Return the keys that a column of text, Categorical, whole numbers or times is; null is one, too."""
        physical = column.cast(categories()) if column.dtype == pl.String else column
        numbers = physical.to_physical().cast(pl.Int64)
        least = numbers.min()
        first = int(least) if isinstance(least, int) else 0
        if numbers.null_count():
            first -= 1
            numbers = numbers.fill_null(first)
        found, rows = _numbered(numbers.to_numpy() - first)
        values = column.gather(rows)
        texts = isinstance(column.dtype, pl.Categorical)
        return Keys(found, (values.cast(pl.String) if texts else values).to_frame())

    def meaning(self, values: pl.Series) -> Keys:
        """Return keys of other values, one given for each row of `values`; some may be the same."""
        others = Keys.of(values)
        return Keys(others.numbers[self.numbers], others.values)

    def __and__(self, other: Keys) -> Keys:
        """Return the keys of both, whose rows are the same."""
        size = len(other.values)
        numbers, rows = _numbered(self.numbers * size + other.numbers)
        own, others = self.values[self.numbers[rows]], other.values[other.numbers[rows]]
        return Keys(numbers, own.hstack(others))

    def add_up(self, requests: Counted, sums: Mapping[str, npt.NDArray[Any]]) -> pl.DataFrame:
        """Count the `requests` of each key that has any, and add up other columns, whole numbers exactly."""
        counts = self._sum(requests)
        having = np.flatnonzero(counts)
        found = {"requests": counts} | {name: self._sum(column) for name, column in sums.items()}
        if len(having) == len(counts):
            return self.values.hstack([pl.Series(name, column) for name, column in found.items()])
        return self.values[having].hstack([pl.Series(name, column[having]) for name, column in found.items()])

    @cached_property
    def _rows(self) -> Amounts:
        """How many rows each key has."""
        return np.bincount(self.numbers, minlength=len(self.values))

    def _sum(self, column: npt.NDArray[Any]) -> Amounts:
        size = len(self.values)
        if column.dtype == bool:
            # Most columns are nearly all true or nearly all false, and the fewer rows are the faster counted.
            if 2 * np.count_nonzero(column) <= len(column):
                return np.bincount(self.numbers[column], minlength=size)
            return self._rows - np.bincount(self.numbers[~column], minlength=size)
        total = np.zeros(size, dtype=np.int64)
        np.add.at(total, self.numbers, column)
        return total


def _numbered(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return whole numbers from 0 counted anew, without gaps, and a row of each."""
    size = int(numbers.max(initial=-1)) + 1
    if size > MOST_PLACES:
        _, rows, anew = np.unique(numbers, return_index=True, return_inverse=True)
        return anew, rows
    row_of = np.full(size, -1, dtype=np.intp)
    row_of[numbers] = np.arange(len(numbers))
    used = np.flatnonzero(row_of >= 0)
    if len(used) == size:
        return numbers, row_of
    place_of = np.empty(size, dtype=np.intp)
    place_of[used] = np.arange(len(used))
    return place_of[numbers], row_of[used]
