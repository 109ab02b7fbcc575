"""Test whether one group's values are higher than the others', compared only within strata."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def rank_excess(rows: pl.DataFrame, value: str, own: str, strata: Sequence[str]) -> float:
    """Return by how many standard deviations the `own` rows rank above the other rows of their stratum.

    Van Elteren's test (Bull. Inst. Int. Stat. 37, 1960): rank sums by stratum, weighted by the inverse of the
    stratum's size. The variance is that of permutations, which accounts for ties. The result is 0 if nothing
    can be compared. `own` names a column of booleans, `value` a column of numbers without nulls.
    """
    ranked = rows.with_columns(rank=pl.col(value).rank("average").over(strata).cast(pl.Float64))
    of_own = pl.col("rank").filter(pl.col(own))
    size, mine = pl.len().cast(pl.Float64), pl.col(own).sum().cast(pl.Float64)
    sums = ranked.group_by(strata).agg(
        above=(of_own.sum() - mine * (size + 1) / 2) / (size + 1),
        variance=mine * (size - mine) / size * pl.col("rank").var().fill_null(0) / (size + 1) ** 2,
    )
    above, variance = sums.select(pl.col("above", "variance").sum()).row(0)
    return float(above / variance**0.5) if variance > 0 else 0.0
