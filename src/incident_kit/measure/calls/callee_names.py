"""Whom a call that nobody answered was meant for: learnt from who else answers the caller at that address."""

from __future__ import annotations

import polars as pl

ANSWERED = pl.col("callee_span_id").is_not_null()
SERVICE = pl.lit("service")


def with_learnt_callees(calls: pl.DataFrame) -> pl.DataFrame:
    """Return `calls` with `callee` and `kind` of those services that did not answer.

    Columns read: `caller`, `peer`, `callee_span_id` (null if nobody answered), `callee`, `kind`.
    """
    silent = calls["callee_span_id"].is_null().arg_true()
    if silent.is_empty():
        return calls
    answered = calls.select("caller", "peer", "callee", "callee_span_id").filter(ANSWERED)
    meant = calls.select("caller", "peer", "callee", "kind")[silent]
    learnt = (
        answered.filter(pl.col("peer").is_not_null())
        .group_by("caller", "peer")
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
    )
    services = pl.concat([calls["caller"].unique(), answered["callee"].unique()])
    is_service = pl.col("usual").is_not_null() | pl.col("callee").is_in(services.implode())
    named = meant.join(learnt, on=["caller", "peer"], how="left", maintain_order="left").select(
        callee=pl.coalesce("usual", "callee"), kind=pl.when(is_service).then(SERVICE).otherwise("kind")
    )
    return calls.with_columns(calls[name].scatter(silent, named[name]) for name in ("callee", "kind"))
