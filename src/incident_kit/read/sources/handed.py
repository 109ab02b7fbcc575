"""Memory that becomes a column as it is: nothing is copied, and other threads go on meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa


@dataclass(frozen=True)
class Handed:
    """An array that is handed over as Arrow's C data, which polars takes without the interpreter's lock."""

    array: pa.Array

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Return the array as two capsules: its schema and itself."""
        schema, array = self.array.__arrow_c_array__(requested_schema)
        return schema, array


def handed_over(kind: pa.DataType, length: int, buffers: Sequence[pa.Buffer | None]) -> pl.Series:
    """Return a column of so many values that lie in buffers as Arrow lays out their kind."""
    return pl.Series("", Handed(pa.Array.from_buffers(kind, length, buffers)))


def as_numbers(data: bytes) -> pl.Series:
    """Return bytes as a column of numbers from 0 to 255."""
    return handed_over(pa.uint8(), len(data), [None, pa.py_buffer(data)])
