"""Store a rollup as one Parquet file: its tables one below the other, and its description in the metadata."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from incident_kit.engines.whole_file import whole_file
from incident_kit.errors import SourceError, first_line
from incident_kit.measure.rollups.merging import fit_to_span, merge
from incident_kit.measure.rollups.rollup import Rollup, RollupMeta
from incident_kit.measure.rollups.tables import EXEMPLARS, TABLES
from incident_kit.read.sources.parquet import ROLLUP, is_parquet
from incident_kit.read.sources.paths import STANDARD_INPUT, Paths, find_sources, given_paths

SCHEMA = f"{ROLLUP}/1"
TABLE = "table"
DAY_S = 86_400
DAMAGE_ERRORS = (
    ValueError, TypeError, KeyError, RecursionError, OverflowError, msgspec.ValidationError,
    pl.exceptions.PolarsError,
)  # fmt: skip
SCHEMAS = {**{name: table.schema for name, table in TABLES.items()}, "exemplars": dict(EXEMPLARS)}


def write_rollup(rollup: Rollup, path: str | Path) -> None:
    """Write a rollup to a Parquet file. Any tool that reads Parquet can read its tables."""
    frames = [getattr(rollup, name).with_columns(pl.lit(name).alias(TABLE)) for name in SCHEMAS]
    meta = json.dumps({"schema": SCHEMA, **asdict(rollup.meta)}, default=datetime.isoformat)
    with whole_file(path) as place:
        pl.concat(frames, how="diagonal").write_parquet(place, metadata={ROLLUP: meta})


def is_rollup(path: str | Path) -> bool:
    """Return whether `write_rollup` wrote the file."""
    return _meta(Path(path)) is not None


def are_rollups(paths: Paths) -> bool:
    """Return whether all files that the paths stand for are rollups.

    Raises
    ------
    SourceError
        If some are and others are not, or a path does not exist.
    """
    given = given_paths(paths)
    if any(path == STANDARD_INPUT or "://" in path for path in given):
        return False
    files = [source.name for source in find_sources(given)]
    rollups = [file for file in files if is_rollup(file)]
    if rollups and len(rollups) < len(files):
        other = next(file for file in files if file not in rollups)
        raise SourceError(
            f"The rollup {rollups[0]} cannot be read together with {other}, which is none; roll that up too."
        )
    return bool(rollups)


def read_rollup(paths: Paths) -> Rollup:
    """Read a rollup exactly as it was written. Several files, or a glob, are merged into one.

    Raises
    ------
    SourceError
        If a file does not exist, is no rollup, or is one that this version cannot read.
    ParameterError
        If several counted slow requests against different thresholds.
    """
    rollups = [_read(source.name) for source in find_sources(paths)]
    return rollups[0] if len(rollups) == 1 else fit_to_span(merge(rollups))


def _read(path: str) -> Rollup:
    written = _meta(Path(path))
    if written is None:
        raise SourceError(f"{path} is no rollup; make one with `incident-kit rollup`.")
    try:
        meta = _parsed(json.loads(written))
        rows = pl.read_parquet(path)
        tables = {
            name: rows.filter(pl.col(TABLE) == name).select(
                pl.col(column).cast(dtype) for column, dtype in schema.items()
            )
            for name, schema in SCHEMAS.items()
        }
    except DAMAGE_ERRORS as error:
        raise SourceError(
            f"The rollup {path} is damaged, or another version of the kit wrote it: {first_line(error)}; "
            "roll its log up again."
        ) from error
    return Rollup(meta, **tables)


def _meta(path: Path) -> str | None:
    if not path.is_file() or not _is_parquet(path):
        return None
    try:
        return pl.read_parquet_metadata(path).get(ROLLUP)
    except pl.exceptions.PolarsError:  # the reader that tries it next reports the damage
        return None


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as stream:
        return is_parquet(stream.read(4))


def _parsed(values: Any) -> RollupMeta:
    if not isinstance(values, dict):
        raise TypeError("its metadata are no names with values")
    if values.get("schema", SCHEMA) != SCHEMA:
        raise ValueError(f"its schema is {values['schema']}, and ours is {SCHEMA}")
    known = {item.name: values[item.name] for item in fields(RollupMeta) if item.name in values}
    times = {name: datetime.fromisoformat(known[name]) for name in ("first", "last") if known.get(name)}
    made = RollupMeta(**{**known, **times, "notes": tuple(known.get("notes", ()))})
    meta = msgspec.convert(asdict(made), RollupMeta)  # convert() checks the types
    if not 0 < meta.bucket_s <= meta.coarse_bucket_s <= DAY_S:
        raise ValueError(f"its buckets are {meta.bucket_s} s and {meta.coarse_bucket_s} s wide")
    return meta
