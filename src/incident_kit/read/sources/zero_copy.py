"""Turn a buffer into a polars column without copying it and without holding the interpreter's lock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa


@dataclass(frozen=True)
class ArrowArray:
    """An array behind Arrow's C data interface, which polars imports without the interpreter's lock."""

    array: pa.Array

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        """Return two capsules: the array's schema and the array."""
        schema, array = self.array.__arrow_c_array__(requested_schema)
        return schema, array


def series_from_buffers(kind: pa.DataType, length: int, buffers: Sequence[pa.Buffer | None]) -> pl.Series:
    """Return a column of `length` values that lie in buffers in Arrow's memory layout for their type."""
    return pl.Series("", ArrowArray(pa.Array.from_buffers(kind, length, buffers)))


def as_numbers(data: bytes) -> pl.Series:
    """Return bytes as a column of integers from 0 to 255."""
    return series_from_buffers(pa.uint8(), len(data), [None, pa.py_buffer(data)])
