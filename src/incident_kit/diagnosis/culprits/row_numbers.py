"""Rows numbered by what stands in some of their columns."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import polars as pl

from incident_kit.measure.samples import Ints

RowNumbers: TypeAlias = tuple[Ints, pl.DataFrame]
"""Each row's number among the distinct combinations of some columns, and those, by number."""

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, by which Knuth's multiplicative hashing spreads what is alike."""


def row_numbers(frame: pl.DataFrame, columns: list[str]) -> RowNumbers:
    """Return each row's number among the distinct combinations of `columns`, and those."""
    code = np.zeros(len(frame), dtype=np.uint64)
    for hashes in frame.select(pl.col(columns).hash()):  # a column by itself hashes quicker than in a struct
        code = (code ^ hashes.to_numpy()) * MIXER
    number = np.searchsorted(pl.Series(code).unique().sort().to_numpy(), code)
    first = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    distinct = frame.select(columns)[first]
    # Sums go by these numbers, and their last digits with them: so the order is one of the values alone.
    order = distinct.select(pl.struct(columns).hash().arg_sort()).to_series().to_numpy()
    return np.argsort(order)[number], distinct[order]
