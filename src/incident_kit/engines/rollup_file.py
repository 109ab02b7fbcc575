"""A rollup as one Parquet file: its tables one below the other, and in the metadata what it was made from."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from incident_kit.errors import SourceError
from incident_kit.measure.rollup import Rollup, RollupMeta
from incident_kit.measure.rollup_tables import EXEMPLARS, TABLES

META = "incident-kit/rollup"
TABLE = "table"
PARQUET = b"PAR1"
SCHEMAS = {**{name: table.schema for name, table in TABLES.items()}, "exemplars": dict(EXEMPLARS)}


def write_rollup(rollup: Rollup, path: str | Path) -> None:
    """Write a rollup to a Parquet file; any tool that reads Parquet can read its tables."""
    frames = [getattr(rollup, name).with_columns(pl.lit(name).alias(TABLE)) for name in SCHEMAS]
    place = Path(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    meta = json.dumps(asdict(rollup.meta), default=datetime.isoformat)
    pl.concat(frames, how="diagonal").write_parquet(place, metadata={META: meta})


def is_rollup(path: str | Path) -> bool:
    """Return whether a file is a rollup that `write_rollup` wrote."""
    return _meta(Path(path)) is not None


def read_rollup(path: str | Path) -> Rollup:
    """Read a rollup back, the same as it was written.

    Raises
    ------
    SourceError
        If the file is no rollup.
    """
    written = _meta(Path(path))
    if written is None:
        raise SourceError(f"{path} is no rollup; make one with `incident-kit rollup`.")
    rows = pl.read_parquet(path)
    tables = {
        name: rows.filter(pl.col(TABLE) == name).select(
            pl.col(column).cast(dtype) for column, dtype in schema.items()
        )
        for name, schema in SCHEMAS.items()
    }
    return Rollup(_parsed(json.loads(written)), **tables)


def is_parquet(path: Path) -> bool:
    """Return whether a file begins as Parquet does."""
    with path.open("rb") as stream:
        return stream.read(len(PARQUET)) == PARQUET


def _meta(path: Path) -> str | None:
    if not path.is_file() or not is_parquet(path):
        return None
    try:
        return pl.read_parquet_metadata(path).get(META)
    except pl.exceptions.PolarsError:  # whoever reads it as something else says what is wrong with it
        return None


def _parsed(values: dict[str, Any]) -> RollupMeta:
    known = {item.name: values[item.name] for item in fields(RollupMeta) if item.name in values}
    times = {name: datetime.fromisoformat(known[name]) for name in ("first", "last") if known.get(name)}
    return RollupMeta(**{**known, **times, "notes": tuple(known.get("notes", ()))})
