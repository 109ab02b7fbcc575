"""Rows added up by their keys: values become small numbers, and each sum has its place in an array.

A table of hashes has to look for a row's place; a small number is the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
MOST_NUMBERS = 2**62
"""More numbers than these would be too many for 64 bits."""


@dataclass(frozen=True)
class Key:
    """One key of each row, as the number of its value among `values`."""

    numbers: Numbers
    values: pl.Series

    @staticmethod
    def of(column: pl.Series) -> Key:
        """Return the key that a column of text, Categorical, numbers or times is; null is a value, too."""
        physical = (column.cast(categories()) if column.dtype == pl.String else column).to_physical()
        gaps = physical.is_null().to_numpy() if physical.null_count() else None
        numbers = (physical if gaps is None else physical.fill_null(0)).to_numpy().astype(np.intp)
        numbers -= numbers.min() if len(numbers) else 0
        if gaps is not None:
            numbers[gaps] = numbers.max() + 1
        found, rows = _without_gaps(numbers)
        values = column[rows]
        return Key(found, values.cast(pl.String) if isinstance(column.dtype, pl.Categorical) else values)

    def ranked(self) -> Key:
        """Return the key whose numbers are in the order of its values, null first."""
        order = self.values.arg_sort().to_numpy()
        rank = np.empty(len(order), dtype=np.intp)
        rank[order] = np.arange(len(order))
        return Key(rank[self.numbers], self.values[order])

    def meaning(self, values: pl.Series) -> Key:
        """Return the key of other values, one given for each of its own; some may be the same."""
        others = Key.of(values)
        return Key(others.numbers[self.numbers], others.values)


def add_up(keys: Sequence[Key], requests: Counted, sums: Mapping[str, npt.NDArray[Any]]) -> pl.DataFrame:
    """Count the `requests` of equal keys, and add up other columns: Booleans as 0 and 1, all of them exactly.

    Returns a column for each key and each sum; keys of no request have no row.
    """
    places, size = _places(keys)
    rows_at = np.bincount(places, minlength=size)
    found = {name: _sum(column, places, rows_at) for name, column in {"requests": requests, **sums}.items()}
    having = np.flatnonzero(found["requests"])
    row_of = np.empty(size, dtype=np.intp)
    row_of[places] = np.arange(len(places))
    rows = row_of[having]
    values = [key.values[key.numbers[rows]] for key in keys]
    return pl.DataFrame([*values, *(pl.Series(name, column[having]) for name, column in found.items())])


def sum_in_order(table: pl.DataFrame, keys: Sequence[str], sums: Sequence[str]) -> pl.DataFrame:
    """Return one row for each key, in their order (null first): the sums of the rows that have it.

    No key may hold fractions. Numbers for keys are sorted in a third of the time that rows of texts take.
    """
    places, _ = _combined([Key.of(table[name]).ranked() for name in keys], MOST_NUMBERS)
    order = np.argsort(places)
    begins = np.flatnonzero(np.diff(places[order], prepend=-1))
    whole = table.rechunk()
    if len(begins) == len(table):
        return whole[order]
    added = (pl.Series(name, np.add.reduceat(whole[name].to_numpy()[order], begins)) for name in sums)
    return whole[order[begins]].with_columns(added)


def _places(keys: Sequence[Key]) -> tuple[Numbers, int]:
    """Return a number for each row that only rows of equal keys share, and how many numbers there are."""
    places, size = _combined(keys, MOST_PLACES)
    if size > len(places):
        places, rows = _without_gaps(places)
        size = len(rows)
    return places, size


def _combined(keys: Sequence[Key], most: int) -> tuple[Numbers, int]:
    """Return such numbers in the order of the keys, and below which number they are; `most` is for that."""
    places, size = keys[0].numbers, len(keys[0].values)
    for key in keys[1:]:
        if size * len(key.values) > most:
            places, rows = _without_gaps(places)
            size = len(rows)
        places, size = places * len(key.values) + key.numbers, size * len(key.values)
    return places, size


def _sum(column: npt.NDArray[Any], places: Numbers, rows_at: Amounts) -> Amounts:
    """Return the sum at each place, which so many rows have."""
    size = len(rows_at)
    if column.dtype != bool:
        total = np.zeros(size, dtype=np.int64)
        np.add.at(total, places, column)
        return total
    # Flags are nearly always set or hardly ever, and few rows are soon counted.
    if 2 * np.count_nonzero(column) > len(column):
        return rows_at - np.bincount(places[~column], minlength=size)
    return np.bincount(places[column], minlength=size)


def _without_gaps(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return whole numbers from 0 counted anew, without gaps, and a row of each."""
    size = int(numbers.max(initial=-1)) + 1
    if size > MOST_PLACES:
        _, rows, anew = np.unique(numbers, return_index=True, return_inverse=True)
        return anew, rows
    used = np.zeros(size, dtype=bool)
    used[numbers] = True
    found = np.flatnonzero(used)
    if len(found) < size:
        # Of numbers far apart, only the memory for those that occur is ever touched.
        place_of = np.empty(size, dtype=np.intp)
        place_of[found] = np.arange(len(found))
        numbers = place_of[numbers]
    rows = np.empty(len(found), dtype=np.intp)
    rows[numbers] = np.arange(len(numbers))
    return numbers, rows
