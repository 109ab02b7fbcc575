"""Number the distinct combinations of values in some columns, and give each row its number.

For example, the rows (a, x), (b, x), (a, x) get the numbers 0, 1, 0 or 1, 0, 1, with a frame of the two
combinations by number.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Hashes, Ints

RowNumbers: TypeAlias = tuple[Ints, pl.DataFrame]
"""Each row's number among the distinct combinations of some columns, and a frame of those combinations by
number.
"""


MIXER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio. Knuth's multiplicative hashing uses it to spread similar values."""


def row_numbers(frame: pl.DataFrame, columns: list[str]) -> RowNumbers:
    """Return each row's number among the distinct combinations of `columns`, and those combinations."""
    code = np.zeros(len(frame), dtype=np.uint64)
    for hashes in frame.select(pl.col(columns).hash()):  # single columns hash faster than a struct
        code = _mixed(code, hashes)
    number, first = _numbered_codes(code)
    return _in_order(number, frame.select(columns)[first])


def extended_row_numbers(numbered: RowNumbers, column: pl.Series) -> RowNumbers:
    """Return row numbers for the combinations in `numbered` extended by one more column."""
    known, distinct = numbered
    number, first = _numbered_codes(_mixed(known.astype(np.uint64), column.hash()))
    return _in_order(number, distinct[known[first]].with_columns(column.gather(first)))


def _mixed(code: Hashes, hashes: pl.Series) -> Hashes:
    mixed: Hashes = (code ^ hashes.to_numpy()) * MIXER
    return mixed


def _numbered_codes(code: Hashes) -> tuple[Ints, Ints]:
    """Return each row's number among the distinct codes, and the first row of each code."""
    number = np.searchsorted(pl.Series(code).unique().sort().to_numpy(), code)
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    return number, first


def _in_order(number: Ints, distinct: pl.DataFrame) -> RowNumbers:
    """Return the numbers reordered by the values alone.

    Sums follow this order, so their last digits do not depend on the order of the rows.
    """
    order = distinct.select(pl.struct(pl.all()).hash().arg_sort()).to_series().to_numpy()
    return np.argsort(order)[number], distinct[order]
