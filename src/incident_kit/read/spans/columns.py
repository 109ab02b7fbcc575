"""What the dialects share: from what a source records of a span to the columns of SPANS.

Attribute values are text in every dialect, as Zipkin and ClickHouse keep them, so that the same trace is
the same whichever way it came; arrays and objects are JSON text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import polars as pl

from incident_kit.read.spans.attribute_text import without_members
from incident_kit.read.spans.ids import span_ids, trace_ids
from incident_kit.schema import SPANS, attribute, conform

# What a dialect delivers. It may add `peer`, `route` and `http_status` where the source itself has them.
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
}

# The numbers are OpenTelemetry's enumerations. The first kind and 0 mean that nobody said.
KINDS = {"1": "internal", "2": "server", "3": "client", "4": "producer", "5": "consumer"}
STATUSES = {"0": "unset", "1": "ok", "2": "error"}

TAGS_THAT_ARE_COLUMNS = (r'"(?:span\.kind|otel\.status_code)":"[^"]*"', r'"error":"(?:true|false|)"')

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
NOTHING = pl.lit(None, pl.String)


def spans_from(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS for what a dialect recorded: ids in one spelling, route, status and peer looked up."""
    found = partial(_first_of, recorded["attributes"])
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
        ),
        SPANS,
    )


def _milliseconds(nanoseconds: pl.Series) -> pl.Series:
    """Return the nearest ms: polars multiplies by 1e-6 where it is told to divide, which is not the same."""
    return pl.Series(nanoseconds.cast(pl.Float64).to_numpy() / 1e6).fill_nan(None)


def _first_of(text: pl.Series, names: Iterable[str]) -> pl.Expr:
    """Return the first attribute among `names` that a span has; those that no span has cost only a glance."""
    present = [name for name in names if text.str.contains(f'"{name}":', literal=True).any()]
    escaped = text.str.contains("\\", literal=True).any()
    return pl.coalesce([*(attribute(name) if escaped else _plain(name) for name in present), NOTHING])


def _plain(name: str) -> pl.Expr:
    """Return an attribute's text where none is escaped, which takes half the time."""
    return pl.col("attributes").str.extract(f'"{re.escape(name)}":"([^"]*)"')


def from_tags(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return what was recorded with kind and status taken from the tags that Jaeger and Zipkin hold them in.

    A span with an `error` tag failed, whatever the tag says, unless it says `false`.
    """
    failed = attribute("error") != "false"
    told = status_names(recorded.select(attribute("otel.status_code")).to_series())
    kind = kind_names(recorded.select(attribute("span.kind")).to_series())
    return recorded.with_columns(
        pl.coalesce("kind", pl.lit(kind)).alias("kind"),
        pl.when(failed).then(pl.lit("error")).otherwise(pl.lit(told.fill_null("unset"))).alias("status"),
        without_members(recorded["attributes"], TAGS_THAT_ARE_COLUMNS).alias("attributes"),
    )


def microseconds(times: Sequence[int | float | None]) -> pl.Series:
    """Return nanoseconds for microseconds; where all are whole numbers none goes through a float."""
    dtype = pl.Float64 if float in set(map(type, times)) else pl.Int64
    return (pl.Series(times, dtype=dtype, strict=False) * 1000).cast(pl.Int64)


def kind_names(kinds: Iterable[Any]) -> pl.Series:
    """Return span kinds for numbers, names and enum names (`SPAN_KIND_SERVER`); null for any other."""
    return _names(list(kinds), "span_kind_", KINDS)


def status_names(statuses: Iterable[Any]) -> pl.Series:
    """Return `ok`, `error` or `unset` for numbers, names and enum names; null for any other."""
    return _names(list(statuses), "status_code_", STATUSES)


def _names(spellings: list[Any], prefix: str, names: dict[str, str]) -> pl.Series:
    """Return the names of what may be spelt in many ways; a spelling is looked at once."""
    known = names | {name: name for name in names.values()}
    meant = {each: known.get(str(each).lower().removeprefix(prefix)) for each in set(spellings)}
    return pl.Series([meant[each] for each in spellings], dtype=pl.String)
