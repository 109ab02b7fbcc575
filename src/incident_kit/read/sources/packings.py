"""Packings: files that hold records in another shape than lines, and how each becomes lines.

A packing is recognised by the beginning of the file. Line numbers then count the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from incident_kit.read.sources.parquet import is_parquet, parquet_lines
from incident_kit.read.sources.record_lists import holds_records, record_lines
from incident_kit.read.sources.separated_values import is_separated, separated_lines

# Enough for the header and a row of a table with hundreds of columns.
SNIFF_BYTES = 64 * 1024
PACKED_BADLY = (pl.exceptions.PolarsError, ValueError)
"""What a packing raises for a file that is not whole, or no table of records."""


@dataclass(frozen=True)
class Packing:
    """A shape of files: whether a file begins in it, and the lines that the parts of a file become."""

    begins: Callable[[bytes], bool]
    lines: Callable[[Iterable[bytes]], Iterator[bytes]]


PACKINGS = (
    Packing(is_parquet, parquet_lines),
    Packing(holds_records, record_lines),
    Packing(is_separated, separated_lines),
)


def packing_of(beginning: bytes) -> Packing | None:
    """Return the packing of a file that begins with these bytes; None for a file of lines."""
    sniffed = beginning[:SNIFF_BYTES]
    return next((packing for packing in PACKINGS if packing.begins(sniffed)), None)
