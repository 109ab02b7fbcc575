"""Rows numbered by what stands in some of their columns."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Hashes, Ints

RowNumbers: TypeAlias = tuple[Ints, pl.DataFrame]
"""Each row's number among the distinct combinations of some columns, and those, by number."""


MIXER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, by which Knuth's multiplicative hashing spreads what is alike."""


def row_numbers(frame: pl.DataFrame, columns: list[str]) -> RowNumbers:
    """Return each row's number among the distinct combinations of `columns`, and those."""
    code = np.zeros(len(frame), dtype=np.uint64)
    for hashes in frame.select(pl.col(columns).hash()):  # a column by itself hashes quicker than in a struct
        code = _mixed(code, hashes)
    number, first = _told_apart(code)
    return _in_order(number, frame.select(columns)[first])


def finer_numbers(numbered: RowNumbers, column: pl.Series) -> RowNumbers:
    """Return each row's number among the combinations of what is numbered with one more column, and those."""
    known, distinct = numbered
    number, first = _told_apart(_mixed(known.astype(np.uint64), column.hash()))
    return _in_order(number, distinct[known[first]].with_columns(column.gather(first)))


def _mixed(code: Hashes, hashes: pl.Series) -> Hashes:
    mixed: Hashes = (code ^ hashes.to_numpy()) * MIXER
    return mixed


def _told_apart(code: Hashes) -> tuple[Ints, Ints]:
    """Return each row's number among the distinct codes, and in which row each of them stands first."""
    number = np.searchsorted(pl.Series(code).unique().sort().to_numpy(), code)
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    return number, first


def _in_order(number: Ints, distinct: pl.DataFrame) -> RowNumbers:
    """Return the numbers in an order of values alone: sums go by it, and their last digits with it."""
    order = distinct.select(pl.struct(pl.all()).hash().arg_sort()).to_series().to_numpy()
    return np.argsort(order)[number], distinct[order]
