"""What spans say of themselves in attributes, looked up once in each description that several spans share.

Most spans of a service are described alike (the same query, the same route, nothing at all). So dialects in
which attributes are most of the bytes number what repeats, and only the distinct ones are rewritten and read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from incident_kit.read.spans.attribute_text import joined, plain_member, taken_out
from incident_kit.schema import attribute

Numbers = NDArray[np.int64]

# Tags in which Jaeger and Zipkin hold what are columns of SPANS, and the values (None for any) that say no
# more than those.
TAGS_THAT_ARE_COLUMNS = {"span.kind": None, "otel.status_code": None, "error": ("true", "false", "")}

# Who was called, best name first. What a person declared (`service.peer.name`, formerly `peer.service`)
# beats what an instrumentation saw; the system of a database or a queue beats its address, because
# addresses change and several hosts of one system fail alike; a name beats a number.
# A name that the source gives beside the attributes (Zipkin's remote endpoint) may be either, and so
# stands between the two.
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
    "said_service": ("service.name",),
    "said_peer_name": PEER_NAMES,
    "said_peer_address": PEER_ADDRESSES,
    "said_route": ("http.route",),
    "said_status": ("http.response.status_code", "http.status_code"),
}
HOLDERS = ("attributes", "shared")
NOTHING = pl.lit(None, pl.String)


def distinct_rows(rows: pl.DataFrame) -> tuple[pl.DataFrame, Numbers]:
    """Return distinct rows in the order in which they first occur, and for each row the number of its own."""
    alike = rows.with_row_index("row").group_by(rows.columns, maintain_order=True).agg("row")
    number = np.empty(rows.height, dtype=np.int64)
    number[alike["row"].explode()] = np.repeat(np.arange(alike.height), alike["row"].list.len())
    return alike.drop("row"), number


def once(work: Callable[[pl.Series], pl.Series], texts: pl.Series) -> pl.Series:
    """Return what `work` makes of a column of texts; it sees each distinct text once."""
    distinct, number = distinct_rows(pl.DataFrame({"text": texts}))
    return work(distinct["text"]).gather(number)


def said_by(descriptions: pl.DataFrame) -> pl.DataFrame:
    """Return descriptions with own and shared attributes in one object, and what is looked up in them.

    `attributes` are a span's own, `shared` those of its resource, over which the own win.
    """
    held = descriptions.with_columns(pl.col(HOLDERS).fill_null("{}"))
    found = partial(_first_of, _lookups(held))
    return held.with_columns(
        *(found(names).alias(column) for column, names in LOOKED_FOR.items()),
        joined(held["attributes"], held["shared"]).alias("attributes"),
    )


def _lookups(held: pl.DataFrame) -> list[tuple[str, pl.Expr]]:
    """Return how to look up those names that occur at all, and where; the others cost only a glance."""
    names = [name for alike in LOOKED_FOR.values() for name in alike]
    looked_at = held.select(
        *(_present(column, names) for column in HOLDERS),
        *(pl.col(each).str.contains("\\", literal=True).any().alias(f"{each} escapes") for each in HOLDERS),
    )
    return [
        (name, (attribute if looked_at[f"{column} escapes"].item() else plain_member)(name, column))
        for column in HOLDERS
        for name in looked_at[column].item()
    ]


def _present(column: str, names: Iterable[str]) -> pl.Expr:
    """Return those names that some object has a member of, as one list."""
    members = pl.col(column).unique().str.extract_many([f'"{name}":' for name in names])
    return members.explode().drop_nulls().unique().str.strip_chars('":').implode()


def _first_of(lookups: Sequence[tuple[str, pl.Expr]], names: Iterable[str]) -> pl.Expr:
    """Return the first attribute among `names` that a span or its resource has."""
    return pl.coalesce(*(value for name in names for found, value in lookups if found == name), NOTHING)


def from_tags(descriptions: pl.DataFrame) -> pl.DataFrame:
    """Return descriptions with kind and status taken from the tags that Jaeger and Zipkin hold them in.

    A span with an `error` tag failed, whatever the tag says, unless it says `false`.
    """
    found = descriptions.select(_present("attributes", TAGS_THAT_ARE_COLUMNS)).item()
    tagged = descriptions.lazy().with_columns(NOTHING.alias(name) for name in TAGS_THAT_ARE_COLUMNS)
    for name in found:
        value, rest = taken_out(name, "attributes")
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
