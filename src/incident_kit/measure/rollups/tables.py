"""The shape of a rollup's tables, and how rows of equal keys become one; every way merges exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.measure.rollups.tally import sum_in_order
from incident_kit.schema import TIME_US

EXEMPLARS_KEPT = 3
"""Exemplars for each coarse bucket, endpoint and kind: enough to show it, whatever the size of the log."""

VALUES_KEPT = 256
"""Values of one attribute that stay apart; the others, by hash, are counted together as `OTHER`."""

COARSER = 10
"""The wide tables' buckets are this many times as wide: ten seconds of an hour, five minutes of a day."""

OTHER = "(other)"
HASH_SEED = 7
LOOKED_AT = 16 * VALUES_KEPT


@dataclass(frozen=True)
class Table:
    """One table: the keys of a row beside `time`, the integer sums it holds, and which clock it follows."""

    keys: Mapping[str, pl.DataType]
    sums: tuple[str, ...]
    coarse: bool = True

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """The table's columns and types."""
        return {"time": TIME_US, **self.keys, **{name: pl.Int64() for name in self.sums}}


ENDPOINT: Mapping[str, pl.DataType] = {"method": pl.String(), "route": pl.String()}
TABLES: Mapping[str, Table] = {
    "counts": Table(
        {**ENDPOINT, "status": pl.Int16()},
        ("requests", "slow", "given_up", "timed", "duration_us"),
        coarse=False,
    ),
    "latency": Table({**ENDPOINT, "bucket": pl.Int32()}, ("requests",)),
    "upstreams": Table(
        {**ENDPOINT, "upstream": pl.String(), "status": pl.Int16()},
        ("requests", "slow", "timed", "duration_us"),
    ),
    "attributes": Table(
        {"attribute": pl.String(), "value": pl.String()}, ("requests", "errors", "slow", "timed")
    ),
    "excluded": Table({"reason": pl.String()}, ("requests",), coarse=False),
}
ADDED = frozenset({"counts", "latency", "upstreams", "excluded"})
"""Tables whose rows are added up, whatever else is in the table."""
EXEMPLARS: Mapping[str, pl.DataType] = {
    "time": TIME_US,
    **ENDPOINT,
    "kind": pl.String(),
    "trace_id": pl.String(),
    "source": pl.String(),
    "line_number": pl.Int64(),
    "duration_ms": pl.Float64(),
    "status": pl.Int16(),
}


def coarse_bucket(bucket_s: int) -> int:
    """Return the wide tables' bucket; buckets that nest have coarse ones that nest."""
    return bucket_s * COARSER


def floor_time(column: str, bucket_s: int) -> pl.Expr:
    """Return the expression for the start of the bucket a time lies in; buckets are aligned to the epoch."""
    width = bucket_s * 1_000_000
    return (pl.col(column).dt.epoch("us") // width * width).cast(TIME_US)


def tabulate(name: str, rows: pl.DataFrame, bucket_s: int, coarse_bucket_s: int) -> pl.DataFrame:
    """Put rows (requests, or rows of such a table) into one table in buckets of that width, in its order."""
    if name == "exemplars":
        return _keep_exemplars(rows.with_columns(floor_time("time", coarse_bucket_s)))
    table = TABLES[name]
    kept = _fold_values(rows) if name == "attributes" else rows
    floored = kept.with_columns(floor_time("time", coarse_bucket_s if table.coarse else bucket_s))
    return in_order(name, floored.select(pl.col(name).cast(dtype) for name, dtype in table.schema.items()))


def in_order(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Put a table's rows in order, and add up those of equal keys."""
    return sum_in_order(rows, ["time", *TABLES[name].keys], TABLES[name].sums)


def split_by_time(parts: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows at times that several parts have, and the others, which nothing is added to.

    The parts of a log follow each other in time, and overlap in few of its buckets.
    """
    times, parts_at = np.unique(
        np.concatenate([np.unique(part["time"].to_physical().to_numpy()) for part in parts]),
        return_counts=True,
    )
    rows = pl.concat(parts)
    shared = np.isin(rows["time"].to_physical().to_numpy(), times[parts_at > 1])
    return rows.filter(shared), rows.filter(~shared)


def _keep_exemplars(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the exemplars with the smallest hashes in each bucket, endpoint and kind."""
    keys = ["time", *ENDPOINT, "kind"]
    return (
        rows.select(*EXEMPLARS)  # the sort would carry all other columns along
        .with_columns(pl.struct("source", "line_number").hash(seed=HASH_SEED).alias("rank"))
        .sort("rank", "source", "line_number")
        .group_by(keys, maintain_order=True)
        .head(EXEMPLARS_KEPT)
        .select(pl.col(name).cast(dtype) for name, dtype in EXEMPLARS.items())
        .sort(list(EXEMPLARS))
    )


def _fold_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Count each `value` of an attribute that does not stay apart as `OTHER`."""
    kept = pl.col("value").map_batches(are_kept, return_dtype=pl.Boolean).over("attribute")
    return rows.with_columns(pl.when(kept).then("value").otherwise(pl.lit(OTHER)).alias("value"))


def are_kept(values: pl.Series) -> pl.Series:
    """Return of an attribute's values whether each is among the `VALUES_KEPT` smallest by hash."""
    others = values == OTHER
    hashes = values.hash(HASH_SEED)
    apart = hashes.filter(~others)
    # The smallest ones, each as often as it occurs, nearly always hold enough different ones.
    smallest = apart.bottom_k(LOOKED_AT).unique()
    smallest = smallest if len(smallest) >= VALUES_KEPT else apart.unique()
    largest = int(smallest.bottom_k(VALUES_KEPT).to_numpy().max(initial=0))
    return (hashes <= largest) & ~others
