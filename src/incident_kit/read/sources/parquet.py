"""Turn Parquet, as query engines write it, into a JSON line for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO

import polars as pl

ROWS_AT_ONCE = 50_000
ROLLUP = "incident-kit/rollup"
"""The name of the metadata by which a Parquet file is a rollup."""


def is_parquet(beginning: bytes) -> bool:
    """Return whether a file that begins with these bytes is Parquet."""
    return beginning.startswith(b"PAR1")


def parquet_lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a JSON line for each row of a Parquet file, given in parts of any size.

    Raises
    ------
    ValueError
        If it is a rollup, whose rows are counts.
    PolarsError
        If it is not whole.
    """
    file = BytesIO(b"".join(parts))
    if ROLLUP in pl.read_parquet_metadata(file):
        raise ValueError("it is a rollup, which holds counts and no requests")
    for batch in pl.scan_parquet(file).collect_batches(chunk_size=ROWS_AT_ONCE, maintain_order=True):
        yield batch.write_ndjson().encode()
