"""Name the callee of an unanswered call from the service that answers the same caller at that address.

For example, if every answered call of `shop` to the peer `10.0.0.7:8080` was answered by `payments`, an
unanswered call of `shop` to that peer was meant for `payments`. Where no peer is recorded, the name of the
caller's span stands for it.
"""

from __future__ import annotations

import polars as pl

SERVICE = pl.lit("service")


def with_inferred_callees(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return `pairs` with the intended `callee`, and `kind`: service, or null if the callee is no service.

    One row for each way in which a caller calls. Columns read: `caller`, `peer`, `asked` (the name of the
    caller's span), `callee` (the service that answered, else the peer or that name), `answered`.
    """
    way = ["caller", "peer", "asked"]
    pairs = pairs.with_columns(asked=pl.when(pl.col("peer").is_null()).then("asked"))
    answered = pairs.filter("answered")
    inferred = (
        answered.group_by(way)
        .agg(usual=pl.col("callee").first(), callees=pl.col("callee").n_unique())
        .filter(pl.col("callees") == 1)
    )
    services = pl.concat([pairs["caller"], answered["callee"]]).unique()
    usual = pl.when(~pl.col("answered")).then("usual")
    is_service = pl.col("answered") | usual.is_not_null() | pl.col("callee").is_in(services.implode())
    named = pairs.join(inferred, on=way, how="left", nulls_equal=True, maintain_order="left")
    return named.with_columns(callee=pl.coalesce(usual, "callee"), kind=pl.when(is_service).then(SERVICE))
