"""A rollup in one Parquet file: its tables below each other, and what it was made from in the metadata."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from incident_kit.errors import SourceError
from incident_kit.measure.rollup import Rollup, RollupMeta
from incident_kit.measure.rollup_tables import EXEMPLARS, TABLES
from incident_kit.window import iso, parse_instant

KEY = "incident-kit/rollup/1"
TABLE = "table"
SCHEMAS = {**{name: table.schema for name, table in TABLES.items()}, "exemplars": EXEMPLARS}


def write_rollup(rollup: Rollup, path: str | Path) -> None:
    """Write a rollup to a Parquet file."""
    meta = {name: value for name, value in asdict(rollup.meta).items() if value is not None}
    document = {name: value if isinstance(value, int | float) else iso(value) for name, value in meta.items()}
    tables = [
        getattr(rollup, name).with_columns(pl.lit(name, dtype=pl.Categorical).alias(TABLE))
        for name in SCHEMAS
    ]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    pl.concat(tables, how="diagonal").write_parquet(path, metadata={KEY: json.dumps(document)})


def read_rollup(path: str | Path) -> Rollup:
    """Read a rollup that `write_rollup` wrote.

    Raises
    ------
    SourceError
        If the file holds no rollup.
    """
    document = _document(path)
    if document is None:
        raise SourceError(f"{path} holds no rollup; make one with `incident-kit rollup`.")
    times = {name: parse_instant(document.pop(name)) for name in ("first", "last") if name in document}
    stacked = pl.read_parquet(path)
    tables = {
        name: stacked.filter(pl.col(TABLE) == name).select(
            pl.col(column).cast(dtype) for column, dtype in schema.items()
        )
        for name, schema in SCHEMAS.items()
    }
    return Rollup(RollupMeta(**document, **times), **tables)


def is_rollup(path: str | Path) -> bool:
    """Say whether a path is a file that holds a rollup."""
    return _document(path) is not None


def _document(path: str | Path) -> dict[str, Any] | None:
    """Return what a rollup was made from, as its file says; None where it is no rollup."""
    if not Path(path).is_file():
        return None
    try:
        metadata = pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError):
        return None
    return json.loads(metadata[KEY]) if KEY in metadata else None
