"""Combine the rows of a rollup's tables that have equal keys. Every step merges exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from incident_kit.measure.rollups.buckets import floor_time
from incident_kit.measure.rollups.tables import EXEMPLARS, OTHER, TABLES, VALUES_KEPT
from incident_kit.measure.rollups.tally import sum_in_order
from incident_kit.schema import ENDPOINT

EXEMPLARS_KEPT = 3
"""Exemplars for each coarse bucket, endpoint and kind: enough to show a case, however large the log."""

HASH_SEED = 7
SAMPLED_HASHES = 16 * VALUES_KEPT


def tabulate(name: str, rows: pl.DataFrame, bucket_s: int, coarse_bucket_s: int) -> pl.DataFrame:
    """Combine requests, or rows of the same table, into the named table, sorted and in wider buckets."""
    if name == "exemplars":
        return _keep_exemplars(rows.with_columns(floor_time("time", coarse_bucket_s)))
    table = TABLES[name]
    kept = _fold_values(rows) if name == "attributes" else rows
    floored = kept.with_columns(floor_time("time", coarse_bucket_s if table.coarse else bucket_s))
    return in_order(name, floored.select(pl.col(name).cast(dtype) for name, dtype in table.schema.items()))


def in_order(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Sort a table's rows and add up those with equal keys."""
    return sum_in_order(rows, ["time", *TABLES[name].keys], TABLES[name].sums)


def split_by_time(parts: Sequence[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split the rows of all parts into those at times that several parts share, and the rest.

    The rest needs no addition. The parts of a log follow each other in time, so they share few buckets.
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
        rows.select(*EXEMPLARS)  # the sort would copy all other columns
        .with_columns(pl.struct("source", "line_number").hash(seed=HASH_SEED).alias("rank"))
        .sort("rank", "source", "line_number")
        .group_by(keys, maintain_order=True)
        .head(EXEMPLARS_KEPT)
        .select(pl.col(name).cast(dtype) for name, dtype in EXEMPLARS.items())
        .sort(list(EXEMPLARS))
    )


def _fold_values(rows: pl.DataFrame) -> pl.DataFrame:
    """Replace each `value` of an attribute that keeps no row of its own by `OTHER`."""
    kept = pl.col("value").map_batches(are_kept, return_dtype=pl.Boolean).over("attribute")
    return rows.with_columns(pl.when(kept).then("value").otherwise(pl.lit(OTHER)).alias("value"))


def are_kept(values: pl.Series) -> pl.Series:
    """Return whether each of an attribute's values is among the `VALUES_KEPT` smallest by hash."""
    others = values == OTHER
    hashes = values.hash(HASH_SEED)
    apart = hashes.filter(~others)
    # The `SAMPLED_HASHES` smallest hashes, repeats included, nearly always hold enough distinct ones.
    # Otherwise, look at all.
    smallest = apart.bottom_k(SAMPLED_HASHES).unique()
    smallest = smallest if len(smallest) >= VALUES_KEPT else apart.unique()
    largest = int(smallest.bottom_k(VALUES_KEPT).to_numpy().max(initial=0))
    return (hashes <= largest) & ~others
