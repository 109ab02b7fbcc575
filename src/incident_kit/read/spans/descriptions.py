"""Look up service, route, peer and status in the attributes of spans, once for each distinct description.

A description is the attributes of a span and its resource. Most spans of a service have the same one (the
same query, the same route, or no attributes at all). Dialects in which attributes are most of the bytes
therefore number the distinct descriptions, and rewrite and read only those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from incident_kit.read.spans.attribute_text import escape_free_member, joined, pop_member
from incident_kit.schema import attribute

Numbers = NDArray[np.int64]

# Tags in which Jaeger and Zipkin hold columns of SPANS. A tag with one of the values here (None: any value)
# says no more than the column, so it is removed from the attributes.
TAGS_THAT_ARE_COLUMNS = {"span.kind": None, "otel.status_code": None, "error": ("true", "false", "")}

# Attributes that name the peer, the best first. A name that a person declared (`service.peer.name`, formerly
# `peer.service`) beats what an instrumentation observed. The system of a database or a queue beats its
# address, because addresses change and the hosts of one system fail together. A name beats an IP address. A
# peer that the source gives outside the attributes (Zipkin's remote endpoint) may be a name or an address, so
# it ranks between the two groups.
PEER_NAMES = (
    "service.peer.name", "peer.service",
    "db.system.name", "db.system", "db.type",
    "messaging.system",
)  # fmt: skip
PEER_ADDRESSES = (
    "server.address", "net.peer.name", "peer.hostname", "http.host",
    "network.peer.address", "net.peer.ip", "net.sock.peer.addr", "peer.address", "peer.ipv4",
)  # fmt: skip
LOOKED_FOR = {
    "found_service": ("service.name",),
    "found_peer_name": PEER_NAMES,
    "found_peer_address": PEER_ADDRESSES,
    "found_url": ("url.full", "http.url"),
    "found_route": ("http.route",),
    "found_status": ("http.response.status_code", "http.status_code"),
}
HOLDERS = ("attributes", "shared")
NOTHING = pl.lit(None, pl.String)


def distinct_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, Numbers]:
    """Return the distinct rows in order of first occurrence, and each row's number among them."""
    alike = rows.with_row_index("row").group_by(rows.columns, maintain_order=True).agg("row")
    number = np.empty(rows.height, dtype=np.int64)
    number[alike["row"].explode()] = np.repeat(np.arange(alike.height), alike["row"].list.len())
    return alike.drop("row"), number


def per_distinct(work: Callable[[pl.Series], pl.Series], texts: pl.Series) -> pl.Series:
    """Return the results of `work` on a column of texts. `work` sees each distinct text once."""
    distinct, number = distinct_rows(pl.DataFrame({"text": texts}))
    return work(distinct["text"]).gather(number)


def looked_up(descriptions: pl.DataFrame) -> pl.DataFrame:
    """Return descriptions with own and shared attributes joined, and with the columns looked up in them.

    `attributes` are a span's own, `shared` are those of its resource, and the own win.
    """
    held = descriptions.with_columns(pl.col(HOLDERS).fill_null("{}"))
    found = partial(_first_of, _lookups(held))
    return held.with_columns(
        *(found(names).alias(column) for column, names in LOOKED_FOR.items()),
        joined(held["attributes"], held["shared"]).alias("attributes"),
    )


def _lookups(held: pl.DataFrame) -> list[tuple[str, pl.Expr]]:
    """Return how to look up each name that occurs at all, and in which column.

    A name that is absent costs only a scan.
    """
    names = [name for alike in LOOKED_FOR.values() for name in alike]
    looked_at = held.select(
        *(_present(column, names) for column in HOLDERS),
        *(pl.col(each).str.contains("\\", literal=True).any().alias(f"{each} escapes") for each in HOLDERS),
    )
    return [
        (name, (attribute if looked_at[f"{column} escapes"].item() else escape_free_member)(name, column))
        for column in HOLDERS
        for name in looked_at[column].item()
    ]


def _present(column: str, names: Iterable[str]) -> pl.Expr:
    """Return those names that are members of some object, as one list."""
    members = pl.col(column).unique().str.extract_many([f'"{name}":' for name in names])
    return members.explode().drop_nulls().unique().str.strip_chars('":').implode()


def _first_of(lookups: Sequence[tuple[str, pl.Expr]], names: Iterable[str]) -> pl.Expr:
    """Return the first attribute among `names` that a span or its resource has."""
    return pl.coalesce(*(value for name in names for found, value in lookups if found == name), NOTHING)


def from_tags(descriptions: pl.DataFrame) -> pl.DataFrame:
    """Return descriptions with kind and status taken from the tags in which Jaeger and Zipkin hold them.

    A span with an `error` tag failed, whatever the tag's value, unless the value is `false`.
    """
    found = descriptions.select(_present("attributes", TAGS_THAT_ARE_COLUMNS)).item()
    tagged = descriptions.lazy().with_columns(NOTHING.alias(name) for name in TAGS_THAT_ARE_COLUMNS)
    for name in found:
        value, rest = pop_member(name, "attributes")
        values = TAGS_THAT_ARE_COLUMNS[name]
        says_no_more = value.is_in(values) if values else value.is_not_null()
        tagged = tagged.with_columns(
            value, pl.when(says_no_more).then(rest).otherwise("attributes").alias("attributes")
        )
    kind = pl.col("kind") if "kind" in descriptions.columns else NOTHING
    status = pl.when(pl.col("error") != "false").then(pl.lit("error"))
    return (
        tagged.with_columns(
            pl.coalesce(kind, "span.kind").alias("kind"),
            status.otherwise(pl.col("otel.status_code").fill_null("unset")).alias("status"),
        )
        .drop(TAGS_THAT_ARE_COLUMNS)
        .collect()
    )
