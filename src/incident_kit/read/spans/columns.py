"""What the dialects share: from what a source records of a span to the columns of SPANS.

Attribute values are text in every dialect, as Zipkin and ClickHouse keep them, so that the same trace is
the same whichever way it came; arrays and objects are JSON text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from incident_kit.read.spans.attribute_text import joined, plain_member, taken_out
from incident_kit.read.spans.ids import span_ids, trace_ids
from incident_kit.schema import SPANS, attribute, conform

# What a dialect delivers: `attributes` are the span's own, `shared` those of its resource, over which the
# own win. It may add `peer`, `route` and `http_status` where the source itself has them.
RECORDED: dict[str, type[pl.DataType]] = {
    "trace_id": pl.String,
    "span_id": pl.String,
    "parent_span_id": pl.String,
    "service": pl.String,
    "name": pl.String,
    "kind": pl.String,
    "start_ns": pl.Int64,
    "duration_ns": pl.Int64,
    "status": pl.String,
    "attributes": pl.String,
    "shared": pl.String,
}

# The numbers are OpenTelemetry's enumerations. The first kind and 0 mean that nobody said.
KINDS = {"1": "internal", "2": "server", "3": "client", "4": "producer", "5": "consumer"}
STATUSES = {"0": "unset", "1": "ok", "2": "error"}

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
ROUTE_ATTRIBUTES = ("http.route",)
STATUS_ATTRIBUTES = ("http.response.status_code", "http.status_code")
# The address on a server span is its own. Where the source knows no kinds, any span may be a call.
CALLING_KINDS = ("client", "producer")
LOOKED_FOR = (*PEER_NAMES, *PEER_ADDRESSES, *ROUTE_ATTRIBUTES, *STATUS_ATTRIBUTES)
NOTHING = pl.lit(None, pl.String)

# By the names of attributes: how to look them up, from the name and the column.
Lookup = dict[str, Callable[[str, str], pl.Expr]]


def spans_from(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS for what a dialect recorded: ids in one spelling, route, status and peer looked up."""
    own, shared = recorded["attributes"].fill_null("{}"), recorded["shared"].fill_null("{}")
    found = partial(_first_of, {"attributes": _looked_up(own), "shared": _looked_up(shared)})
    given = {name: pl.col(name) if name in recorded.columns else NOTHING for name in ("route", "peer")}
    status = pl.col("http_status").cast(pl.String) if "http_status" in recorded.columns else NOTHING
    is_call = pl.col("kind").is_in(CALLING_KINDS).fill_null(value=True)
    peer = pl.coalesce(found(PEER_NAMES), given["peer"], found(PEER_ADDRESSES))
    return conform(
        recorded.with_columns(
            trace_ids(recorded["trace_id"]),
            span_ids(recorded["span_id"]),
            span_ids(recorded["parent_span_id"]),
            pl.from_epoch("start_ns", time_unit="ns").dt.replace_time_zone("UTC").alias("start"),
            _milliseconds(recorded["duration_ns"]).alias("duration_ms"),
            pl.coalesce(status, found(STATUS_ATTRIBUTES)).cast(pl.Int16, strict=False).alias("http_status"),
            pl.coalesce(given["route"], found(ROUTE_ATTRIBUTES)).alias("route"),
            pl.when(is_call).then(peer).alias("peer"),
            joined(own, shared).alias("attributes"),
        ),
        SPANS,
    )


def _milliseconds(nanoseconds: pl.Series) -> pl.Series:
    """Return the nearest ms: polars multiplies by 1e-6 where it is told to divide, which is not the same."""
    milliseconds = pl.Series(nanoseconds.to_numpy() / 1e6)
    return milliseconds.fill_nan(None) if nanoseconds.has_nulls() else milliseconds


def _looked_up(text: pl.Series) -> Lookup:
    """Return how to look up those names that occur at all; the others cost only a glance."""
    escaped = text.str.contains("\\", literal=True).any()
    return dict.fromkeys(_present(text, LOOKED_FOR), attribute if escaped else plain_member)


def _present(text: pl.Series, names: Iterable[str]) -> list[str]:
    """Return those names that some object has a member of."""
    found = text.unique().str.extract_many([f'"{name}":' for name in names])
    return [name[1:-2] for name in found.explode().unique().drop_nulls()]


def _first_of(lookups: Mapping[str, Lookup], names: Iterable[str]) -> pl.Expr:
    """Return the first attribute among `names` that a span or its resource has."""
    values = [
        lookup[name](name, column) for name in names for column, lookup in lookups.items() if name in lookup
    ]
    return pl.coalesce([*values, NOTHING])


def from_tags(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return what was recorded with kind and status taken from the tags that Jaeger and Zipkin hold them in.

    A span with an `error` tag failed, whatever the tag says, unless it says `false`.
    """
    unsaid = pl.repeat(None, recorded.height, dtype=pl.String, eager=True)
    said = dict.fromkeys(TAGS_THAT_ARE_COLUMNS, unsaid)
    left = recorded["attributes"]
    for name in _present(left, TAGS_THAT_ARE_COLUMNS):
        said[name], rest = taken_out(name, left)
        values = TAGS_THAT_ARE_COLUMNS[name]
        says_no_more = said[name].is_in(values) if values else said[name].is_not_null()
        left = rest.zip_with(says_no_more.fill_null(value=False), left)
    status = pl.when(pl.lit(said["error"]) != "false").then(pl.lit("error"))
    return recorded.with_columns(
        pl.coalesce("kind", pl.lit(kind_names(said["span.kind"]))).alias("kind"),
        status.otherwise(pl.lit(status_names(said["otel.status_code"]).fill_null("unset"))).alias("status"),
        left.alias("attributes"),
    )


def microseconds(times: Sequence[int | float | None]) -> pl.Series:
    """Return nanoseconds for microseconds; where all are whole numbers none goes through a float."""
    dtype = pl.Float64 if float in set(map(type, times)) else pl.Int64
    return (pl.Series(times, dtype=dtype, strict=False) * 1000).cast(pl.Int64)


def kind_names(kinds: Iterable[Any]) -> pl.Series:
    """Return span kinds for numbers, names and enum names (`SPAN_KIND_SERVER`); null for any other."""
    return _names(kinds, "span_kind_", KINDS)


def status_names(statuses: Iterable[Any]) -> pl.Series:
    """Return `ok`, `error` or `unset` for numbers, names and enum names; null for any other."""
    return _names(statuses, "status_code_", STATUSES)


def _names(spellings: Iterable[Any], prefix: str, names: dict[str, str]) -> pl.Series:
    """Return the names of what may be spelt in many ways; a spelling is looked at once."""
    spelt = spellings if isinstance(spellings, pl.Series) else pl.Series(list(spellings), strict=False)
    known = names | {name: name for name in names.values()}
    meant = {each: known.get(str(each).lower().removeprefix(prefix)) for each in spelt.unique()}
    return spelt.replace_strict(meant, return_dtype=pl.String)
