"""Tell client and server apart where both recorded a call under one id, as Zipkin's clients do.

Such spans reach other systems unchanged: OpenTelemetry's collector and Jaeger store what they receive in
Zipkin's format. For example, `shop` (client) and `cart` (server) record id `b`, and `cart` a child of `b`:

    recorded                  becomes
    b  shop  client           b         shop  client
    b  cart  server           b_server  cart  server, parent b
    c  cart  parent b         c         cart          parent b_server
"""

from __future__ import annotations

import polars as pl

ID = ("trace_id", "span_id")
SIDES = ("client", "server")


def with_server_ids(spans: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS with an id of its own for the server of each id that two services share.

    The server's span becomes a child of the client's. Children follow the server, except those that the
    client's service recorded.
    """
    sides = spans.filter(pl.struct(ID).is_duplicated() & pl.col("kind").is_in(SIDES))
    services = {side: pl.col("service").filter(pl.col("kind") == side).first() for side in SIDES}
    shared = sides.group_by(ID).agg(**services).filter(pl.col("client") != pl.col("server"))
    if shared.is_empty():
        return spans
    shared = shared.with_columns(server_id=pl.col("span_id") + "_server")
    own = spans.join(shared, on=ID, how="left", maintain_order="left")
    above = spans.join(
        shared, left_on=("trace_id", "parent_span_id"), right_on=ID, how="left", maintain_order="left"
    )
    is_server = own["server_id"].is_not_null() & (own["kind"] == "server").fill_null(value=False)
    follows = above["server_id"].is_not_null() & above["service"].ne_missing(above["client"])
    parent = above["server_id"].zip_with(follows, spans["parent_span_id"])
    return spans.with_columns(
        spans["span_id"].zip_with(~is_server, own["server_id"]),
        parent.zip_with(~is_server, spans["span_id"]).alias("parent_span_id"),
    )
