"""Name the callee of an unanswered call from the service that answers the same caller at that address.

For example, if every answered call of `shop` to the peer `10.0.0.7:8080` was answered by `payments`, an
unanswered call of `shop` to that peer was meant for `payments`.
"""

from __future__ import annotations

import polars as pl

SERVICE = pl.lit("service")


def with_inferred_callees(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return `pairs` with the intended `callee`, and `kind`: service, or null if the callee is no service.

    One row for each way in which a caller calls. Columns read: `caller`, `peer`, `callee` (the service that
    answered, else the name in the caller's span), `answered`.
    """
    answered = pairs.filter("answered")
    inferred = (
        answered.filter(pl.col("peer").is_not_null())
        .group_by("caller", "peer")
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
    )
    services = pl.concat([pairs["caller"], answered["callee"]]).unique()
    usual = pl.when(~pl.col("answered")).then("usual")
    is_service = pl.col("answered") | usual.is_not_null() | pl.col("callee").is_in(services.implode())
    return pairs.join(inferred, on=["caller", "peer"], how="left", maintain_order="left").with_columns(
        callee=pl.coalesce(usual, "callee"), kind=pl.when(is_service).then(SERVICE)
    )
