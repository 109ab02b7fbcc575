"""Whom a call that nobody answered was meant for: learnt from who else answers the caller at that address."""

from __future__ import annotations

import polars as pl

ANSWERED = pl.col("callee_span_id").is_not_null()
SERVICE = pl.lit("service")


def with_learnt_callees(calls: pl.DataFrame) -> pl.DataFrame:
    """Return `calls` with `callee` and `kind` of those services that did not answer.

    Columns read: `caller`, `peer`, `callee_span_id` (null if nobody answered), `callee`, `kind`.
    """
    answered, silent = calls.filter(ANSWERED), calls.filter(~ANSWERED)
    if silent.is_empty():
        return calls
    learnt = (
        answered.filter(pl.col("peer").is_not_null())
        .group_by("caller", "peer")
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
    )
    services = pl.concat([calls["caller"].unique(), answered["callee"].unique()])
    named = silent.select("caller", "peer", "callee").unique().join(learnt, on=["caller", "peer"], how="left")
    is_service = pl.col("usual").is_not_null() | pl.col("callee").is_in(services.implode())
    named = named.select(
        "caller", "peer", "callee", called=pl.coalesce("usual", "callee"), service=is_service
    )
    found = calls.select("caller", "peer", callee=pl.when(~ANSWERED).then("callee")).join(
        named, on=["caller", "peer", "callee"], how="left", nulls_equal=True, maintain_order="left"
    )
    return calls.with_columns(
        callee=found["called"].zip_with(found["called"].is_not_null(), calls["callee"]),
        kind=pl.when(found["service"].fill_null(value=False)).then(SERVICE).otherwise("kind"),
    )
