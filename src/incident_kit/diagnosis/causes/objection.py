"""Object to dependencies: say why one is not stated, although there is evidence against it."""

from __future__ import annotations

import polars as pl

BUT = "; but "
"""What joins an objection to the evidence."""


def objected(ranking: pl.DataFrame, objection: str, rows: pl.Expr) -> pl.DataFrame:
    """Return a ranking with an objection to these `rows`, which is added to their evidence as well.

    Of several objections to one row, `objection` holds the first, and the evidence all of them.
    """
    said = pl.concat_str("evidence", pl.lit(f"{BUT}{objection}"))
    first = pl.coalesce("objection", pl.lit(objection))
    return ranking.with_columns(
        evidence=pl.when(rows).then(said).otherwise("evidence"),
        objection=pl.when(rows).then(first).otherwise("objection"),
    )


def with_objection(ranking: pl.DataFrame, objection: str) -> pl.DataFrame:
    """Return a ranking in which nothing is stated, with the objection to what was."""
    return objected(ranking, objection, pl.col("stated")).with_columns(stated=pl.lit(value=False))


def evidence_alone(row: dict[str, str]) -> str:
    """Return the evidence against a dependency without the objection to it."""
    return row["evidence"].partition(BUT)[0]
