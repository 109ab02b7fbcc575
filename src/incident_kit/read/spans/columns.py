"""What the dialects share: from what a source records of a span to the columns of SPANS.

Attribute values are text in every dialect, as Zipkin and ClickHouse keep them, so that the same trace is
the same whichever way it came; arrays and objects are JSON text.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

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

# Who was called, best name first. What a person declared (`service.peer.name`, formerly `peer.service`)
# beats what an instrumentation saw; the system of a database or a queue beats its address, because
# addresses change and several hosts of one system fail alike; a name beats a number.
PEER_ATTRIBUTES = (
    "service.peer.name", "peer.service",
    "db.system.name", "db.system", "db.type",
    "messaging.system",
    "server.address", "net.peer.name", "peer.hostname", "http.host",
    "network.peer.address", "net.peer.ip", "net.sock.peer.addr", "peer.address", "peer.ipv4",
)  # fmt: skip
ROUTE_ATTRIBUTES = ("http.route",)
STATUS_ATTRIBUTES = ("http.response.status_code", "http.status_code")
# The address on a server span is its own. Where the source knows no kinds, any span may be a call.
CALLING_KINDS = ("client", "producer")


def spans_from(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS for what a dialect recorded: ids in one spelling, route, status and peer looked up."""
    is_call = pl.col("kind").is_in(CALLING_KINDS).fill_null(value=True)
    return conform(
        recorded.with_columns(
            trace_ids(recorded["trace_id"]),
            span_ids(recorded["span_id"]),
            span_ids(recorded["parent_span_id"]),
            pl.from_epoch("start_ns", time_unit="ns").dt.replace_time_zone("UTC").alias("start"),
            (pl.col("duration_ns") / 1e6).alias("duration_ms"),
            _given_or_found(recorded, "http_status", STATUS_ATTRIBUTES).cast(pl.Int16, strict=False),
            _given_or_found(recorded, "route", ROUTE_ATTRIBUTES),
            pl.when(is_call).then(_given_or_found(recorded, "peer", PEER_ATTRIBUTES)),
        ),
        SPANS,
    )


def _given_or_found(recorded: pl.DataFrame, column: str, names: Iterable[str]) -> pl.Expr:
    """Return a column that the source has, else the first attribute among `names`."""
    text = recorded["attributes"]
    present = [name for name in names if text.str.contains(f'"{name}":', literal=True).any()]
    given = [pl.col(column).cast(pl.String)] if column in recorded.columns else []
    return pl.coalesce([*given, *map(attribute, present), pl.lit(None, pl.String)]).alias(column)


def kind_names(kinds: pl.Series) -> pl.Series:
    """Return span kinds for numbers, names and enum names (`SPAN_KIND_SERVER`); null for any other."""
    return _names(kinds, "span_kind_", KINDS)


def status_names(statuses: pl.Series) -> pl.Series:
    """Return `ok`, `error` or `unset` for numbers, names and enum names; null for any other."""
    return _names(statuses, "status_code_", STATUSES)


def _names(spellings: pl.Series, prefix: str, names: dict[str, str]) -> pl.Series:
    known = names | {name: name for name in names.values()}
    plain = spellings.cast(pl.String).str.to_lowercase().str.strip_prefix(prefix)
    return plain.replace_strict(known, default=None, return_dtype=pl.String)
