"""Write tables into files batch by batch, so that a table may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from incident_kit.distinct import repeats
from incident_kit.engines.whole_file import whole_file
from incident_kit.errors import ParameterError
from incident_kit.inert import for_csv

MAX_DISTINCT_SHARE = 0.1
"""Largest share of distinct values for dictionary encoding. Above it, the dictionary is hardly smaller than
the values.
"""

Write = Callable[[pl.DataFrame], None]


@contextmanager
def table_file(path: Path) -> Iterator[Write]:
    """Yield a function that appends frames of one schema to a file, in the format of the ending of `path`.

    The file is there once the block ends; if it fails, what was there before is.

    Raises
    ------
    ParameterError
        If the ending belongs to no format that can be written.
    """
    opened = _KINDS.get(path.suffix)
    if opened is None:
        raise ParameterError(f"{path} ends in no format we write; name it {', '.join(sorted(_KINDS))}.")
    with whole_file(path) as place, opened(place) as write:
        yield write


@contextmanager
def _parquet(path: Path) -> Iterator[Write]:
    from pyarrow.parquet import ParquetWriter

    writer: ParquetWriter | None = None

    def write(frame: pl.DataFrame) -> None:
        nonlocal writer
        table = frame.to_arrow(compat_level=pl.CompatLevel.newest())
        if writer is None:
            writer = ParquetWriter(
                path,
                table.schema,
                compression="snappy",  # zstd: files a quarter smaller, a parse 7 % longer
                store_schema=False,  # no reader needs the Arrow schema
                **_encodings(frame),
            )
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()


def _encodings(frame: pl.DataFrame) -> dict[str, Any]:
    """Return the encoding of each column, judged by its first rows.

    A dictionary of values that seldom repeat, and the minimum and maximum of texts, cost more than they save.
    Numbers and times that seldom repeat are close to their neighbours, so they are delta-encoded.
    """
    repeated = [column.name for column in frame if repeats(column, MAX_DISTINCT_SHARE)]
    numbers = frame.drop(repeated).select(cs.integer() | cs.temporal()).columns
    return {
        "use_dictionary": repeated,
        "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
        "write_statistics": [column.name for column in frame if column.dtype != pl.String],
    }


@contextmanager
def _lines(path: Path) -> Iterator[Write]:
    with path.open("wb") as file:
        yield lambda frame: frame.write_ndjson(file)


@contextmanager
def _csv(path: Path) -> Iterator[Write]:
    with path.open("wb") as file:
        yield lambda frame: _inert(frame).write_csv(file, include_header=file.tell() == 0)


_KINDS = {".parquet": _parquet, ".jsonl": _lines, ".csv": _csv}


def _inert(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the table with texts that a spreadsheet displays without computing them."""
    return frame.with_columns(pl.col(pl.String).map_elements(for_csv, return_dtype=pl.String))
