"""Merge the reported pieces of Zipkin's spans into spans, and separate client from server.

Zipkin lets client and server report a call under one id, each in several pieces. The pieces of one side
become one span. If both sides reported, the server's span gets an id of its own and the client's span as its
parent. For example, `shop` (client) and `cart` (server) report id `b`, and `cart` reports a child of `b`:

    reported                  becomes
    b  shop  client           b   shop  client
    b  cart  server           b'  cart  server, parent b
    c  cart  parent b         c   cart          parent b'
"""

from __future__ import annotations

from functools import reduce
from hashlib import blake2b
from operator import or_

import orjson
import polars as pl

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.descriptions import from_tags
from incident_kit.read.spans.ids import with_plain_ids

ID = ("trace_id", "span_id")


def zipkin_spans(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS from all pieces (columns of RECORDED, and is_server, null where it is not known)."""
    linked = from_tags(_linked(with_plain_ids(pieces)))
    # A span without a kind is internal work of its service.
    return spans_from(linked.with_columns(pl.col("kind").fill_null("internal")))


def _linked(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans with the pieces of one id merged and its client and server separated."""
    is_repeated = spans.select(pl.struct(ID).is_duplicated()).to_series()
    if not is_repeated.any():
        return spans
    return _with_server_ids(pl.concat([spans.filter(~is_repeated), _merged(spans.filter(is_repeated))]))


def _merged(pieces: pl.DataFrame) -> pl.DataFrame:
    """Return one span for each side of an id. Complete spans that were delivered twice stay as they are."""
    side = pl.coalesce(
        "is_server",
        pl.col("is_server").max().over(*ID, "service"),
        pl.col("is_server").min().over(*ID),
        pl.lit(value=False),
    )
    sided = pieces.with_columns(side.alias("is_server"))
    is_partial = pl.any_horizontal(pl.col("start_ns", "duration_ns").is_null()).any().over(*ID, "is_server")
    whole, partial = sided.filter(~is_partial), sided.filter(is_partial)
    names = ("parent_span_id", "service", "name", "kind", "status", "peer", "shared")
    merged = partial.group_by(*ID, "is_server", maintain_order=True).agg(
        pl.col(names).drop_nulls().first(),
        pl.col("start_ns").min(),
        pl.col("duration_ns").max(),
        pl.col("attributes"),
    )
    tags = [attributes_json(reduce(or_, map(orjson.loads, each))) for each in merged["attributes"].to_list()]
    merged = merged.with_columns(pl.Series("attributes", tags, dtype=pl.String))
    return pl.concat([whole, merged.select(whole.columns)])


def _with_server_ids(spans: pl.DataFrame) -> pl.DataFrame:
    """Give the server of a shared id an id of its own below its client.

    Its children follow it, except those that the client's service recorded.
    """
    shared = _shared_ids(spans)
    own = spans.join(shared, on=ID, how="left", maintain_order="left")
    above = spans.join(
        shared, left_on=("trace_id", "parent_span_id"), right_on=ID, how="left", maintain_order="left"
    )
    is_server = own["server_id"].is_not_null() & own["is_server"]
    of_client = (above["service"] == above["client"]) & (above["client"] != above["server"])
    parent = above["server_id"].zip_with(
        above["server_id"].is_not_null() & ~of_client.fill_null(value=False), spans["parent_span_id"]
    )
    return spans.with_columns(
        spans["span_id"].zip_with(~is_server, own["server_id"]),
        parent.zip_with(~is_server, spans["span_id"]).alias("parent_span_id"),
    )


def _shared_ids(spans: pl.DataFrame) -> pl.DataFrame:
    """Return each id that a client and a server share, with their services and the server's id of its own."""
    of_side = {
        side: pl.col("service").filter(pl.col("is_server") == (side == "server")).first()
        for side in ("client", "server")
    }
    shared = (
        spans.filter(pl.struct(ID).is_duplicated())
        .group_by(ID)
        .agg(sides=pl.col("is_server").n_unique(), **of_side)
        .filter(pl.col("sides") == 2)
        .drop("sides")
    )
    renamed = [_server_id(*each) for each in shared.select(ID).iter_rows()]
    return shared.with_columns(pl.Series("server_id", renamed, dtype=pl.String))


def _server_id(trace_id: str, span_id: str) -> str:
    """Return an id derived from the span's own, so that every file that mentions it yields the same one."""
    return blake2b(f"{trace_id}{span_id}".encode(), digest_size=8).hexdigest()
