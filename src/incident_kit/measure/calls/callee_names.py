"""Whom a call that nobody answered was meant for: learnt from who else answers the caller at that address."""

from __future__ import annotations

import polars as pl

SERVICE = pl.lit("service")


def with_learnt_callees(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return `pairs` with `callee` as it is meant, and `kind`: service, or null if the callee is none.

    One row for each way in which a caller calls. Columns read: `caller`, `peer`, `callee` (the service that
    answered, else what the caller's span names), `answered`.
    """
    answered = pairs.filter("answered")
    learnt = (
        answered.filter(pl.col("peer").is_not_null())
        .group_by("caller", "peer")
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
    )
    services = pl.concat([pairs["caller"], answered["callee"]]).unique()
    usual = pl.when(~pl.col("answered")).then("usual")
    is_service = pl.col("answered") | usual.is_not_null() | pl.col("callee").is_in(services.implode())
    return pairs.join(learnt, on=["caller", "peer"], how="left", maintain_order="left").with_columns(
        callee=pl.coalesce(usual, "callee"), kind=pl.when(is_service).then(SERVICE)
    )
