"""Define the frames: every column with its type, its unit, and its OpenTelemetry name.

`conform` checks a reader's frame once, where it is handed over. Later functions trust it. Open-ended fields
(`extra`, `attributes`) are one JSON object as text. They have the same type in every file, so frames of
different formats can be stacked, streamed and stored alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

import polars as pl

from incident_kit.errors import SchemaError

if TYPE_CHECKING:
    import pandas as pd

AnyFrame: TypeAlias = Union[pl.DataFrame, pl.LazyFrame, "pd.DataFrame"]
"""Every frame type that public functions accept."""

TIME_US = pl.Datetime("us", "UTC")
TIME_NS = pl.Datetime("ns", "UTC")

ENDPOINT = ("method", "route")
"""The columns that together name an endpoint."""

OPERATION = ("service", "name")
"""The columns that together name an operation of a service."""

SERVED_BY: Mapping[str, str] = {
    "instance": "service.instance.id",
    "pod": "k8s.pod.name",
    "container": "container.name",
    "host": "host.name",
    "node": "k8s.node.name",
    "zone": "cloud.availability_zone",
    "region": "cloud.region",
}
"""OpenTelemetry's attributes of what served a request, by what each is called, the closest first."""

FLAG_PREFIX = "feature_flag."
FLAG_KEY = f"{FLAG_PREFIX}key"
FLAG_VALUES = tuple(f"{FLAG_PREFIX}{name}" for name in ("result.variant", "variant", "result.value"))
"""OpenTelemetry's attributes of a feature flag: its name, and those that may have its value, best first."""

LONGEST_MS = 1e12
"""Longest credible duration, thirty years. Longer values are damage, infinity, or "not a number"."""


DType: TypeAlias = pl.DataType | type[pl.DataType]


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit, its meaning, and the corresponding OpenTelemetry attribute."""

    dtype: DType
    meaning: str
    unit: str = ""
    otel: str = ""


Schema = Mapping[str, Column]

REQUESTS: Schema = {
    "timestamp": Column(TIME_US, "The log's own time of the request."),
    "start_time": Column(TIME_US, "When the request began; the time every analysis uses."),
    "method": Column(pl.String, "The request method.", otel="http.request.method"),
    "target": Column(pl.String, "The request target as it was sent.", otel="url.original"),
    "path": Column(pl.String, "The path of the target.", otel="url.path"),
    "query": Column(pl.String, "The query of the target, without the question mark.", otel="url.query"),
    "route": Column(pl.String, "The route template, such as /users/{id}.", otel="http.route"),
    "route_inferred": Column(pl.Boolean, "Whether the route was guessed from the path."),
    "http_version": Column(pl.String, "The version of HTTP, such as 1.1.", otel="network.protocol.version"),
    "host": Column(pl.String, "The host that was asked for.", otel="server.address"),
    "status": Column(pl.Int16, "The response status.", otel="http.response.status_code"),
    "duration_ms": Column(pl.Float64, "How long the request took.", "ms", "http.server.request.duration"),
    "bytes_sent": Column(pl.Int64, "The size of the response.", "B", "http.response.size"),
    "client_ip": Column(pl.String, "The client's address.", otel="client.address"),
    "client_port": Column(pl.Int32, "The client's port.", otel="client.port"),
    "user": Column(pl.String, "The authenticated user.", otel="user.name"),
    "user_agent": Column(pl.String, "What the client calls itself.", otel="user_agent.original"),
    "referer": Column(pl.String, "The page the client came from.", otel="http.request.header.referer"),
    "upstream_addr": Column(
        pl.String, "The upstream that answered, the last one tried.", otel="server.address"
    ),
    "upstream_status": Column(pl.Int16, "The status of the last attempt upstream."),
    "upstream_duration_ms": Column(pl.Float64, "The time all attempts upstream took together.", "ms"),
    "upstream_attempts": Column(pl.Int16, "How many upstreams were tried."),
    "request_id": Column(pl.String, "The request's own id."),
    "trace_id": Column(pl.String, "The trace's id, 32 hexadecimal digits if W3C.", otel="trace_id"),
    "source": Column(pl.String, "The file the line came from."),
    "line_number": Column(pl.Int64, "The line in that file, counted from 1."),
    "extra": Column(pl.String, "What the format had besides, as a JSON object."),
}

REJECTED: Schema = {
    "source": Column(pl.String, "The file the line came from."),
    "line_number": Column(pl.Int64, "The line in that file, counted from 1."),
    "raw": Column(pl.String, "The line as it was."),
    "reason": Column(pl.String, "Why it is no request."),
}

SPANS: Schema = {
    "trace_id": Column(pl.String, "The trace's id, lower-case hexadecimal.", otel="trace_id"),
    "span_id": Column(pl.String, "The span's id.", otel="span_id"),
    "parent_span_id": Column(pl.String, "The parent's id, null at a root.", otel="parent_span_id"),
    "service": Column(pl.String, "The service that recorded the span.", otel="service.name"),
    "name": Column(pl.String, "The operation.", otel="name"),
    "kind": Column(pl.String, "server, client, internal, producer, consumer; null if unknown.", otel="kind"),
    "start": Column(TIME_NS, "When the operation began.", otel="start_time_unix_nano"),
    "duration_ms": Column(pl.Float64, "How long the operation took.", "ms"),
    "status": Column(pl.String, "ok, error or unset; null where the source has none.", otel="status.code"),
    "http_status": Column(pl.Int16, "The response status of an HTTP span.", otel="http.response.status_code"),
    "route": Column(pl.String, "The route template of an HTTP span.", otel="http.route"),
    "peer": Column(
        pl.String, "What a client span called: service, database, host.", otel="service.peer.name"
    ),
    "attributes": Column(
        pl.String,
        "All attributes of span and resource, and what the span's events and status tell, as a JSON object.",
    ),
}


def to_polars(frame: AnyFrame) -> pl.DataFrame:
    """Return an eager polars frame for a polars frame, eager or lazy, or a pandas frame.

    Raises
    ------
    SchemaError
        If the argument is no frame.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if is_pandas(frame):
        return pl.from_pandas(frame)
    inside = next((name for name in ("requests", "spans") if hasattr(frame, name)), None)
    wanted = f"its .{inside}" if inside else "a polars or a pandas frame"
    raise SchemaError(f"This is no dataframe but of the type {type(frame).__name__}; give {wanted}.")


def is_pandas(value: object) -> bool:
    """Return whether a value is of pandas, without importing it."""
    return type(value).__module__.partition(".")[0] == "pandas"


def conform(frame: AnyFrame, schema: Schema, required: tuple[str, ...] = ()) -> pl.DataFrame:
    """Return `frame` with exactly the schema's columns, in its order and types; absent ones become null.

    Raises
    ------
    SchemaError
        If a column in `required` is absent, or a column cannot be cast to its type.
    """
    given = to_polars(frame)
    missing = [name for name in required if name not in given.columns]
    if missing:
        others = f" but {', '.join(given.columns)}" if given.columns else ""
        raise SchemaError(f"The frame has no column {', '.join(missing)}{others}; rename or add it.")
    try:
        return given.select(
            (pl.col(name) if name in given.columns else pl.lit(None)).cast(column.dtype).alias(name)
            for name, column in schema.items()
        )
    except pl.exceptions.PolarsError as error:
        raise SchemaError(_unlike(given, schema)) from error


def table_of(made_by: str, frame: AnyFrame, **types: DType) -> pl.DataFrame:
    """Return a table of the kit, such as `ik.red` makes, with these columns in these types and all others.

    A frame without any column is an empty table.

    Parameters
    ----------
    made_by
        The call that makes such a table, for the error's sentence.

    Raises
    ------
    SchemaError
        If it is no frame, lacks a column, or a column cannot be cast.
    """
    try:
        schema = {name: Column(dtype, "") for name, dtype in types.items()}
        given = to_polars(frame)
        given = given if given.columns else empty(schema)
        return given.with_columns(conform(given, schema, required=tuple(types)))
    except SchemaError as error:
        why = str(error)[0].lower() + str(error)[1:]
        raise SchemaError(f"This is no table as `{made_by}` returns it: {why}") from error


def _unlike(frame: pl.DataFrame, schema: Schema) -> str:
    """Return a sentence that names the column that cannot be cast, because polars does not name it."""
    for name, column in schema.items():
        if name in frame.columns:
            try:
                frame[name].cast(column.dtype)
            except pl.exceptions.PolarsError:
                found = (
                    f"The column {name} has the type {frame[name].dtype}, of which not all is {column.dtype}"
                )
                return f"{found}; cast it before, such as text with str.to_datetime or str.to_integer."
    return "A column of the frame has another type than the schema's; cast it before."


def empty(schema: Schema) -> pl.DataFrame:
    """Return a frame without rows that has the schema's columns and types."""
    return pl.DataFrame(schema={name: column.dtype for name, column in schema.items()})


def attribute(name: str, column: str = "attributes") -> pl.Expr:
    r"""Return the value of one member of a column of JSON objects as text, null if it is absent.

    A quotation mark inside a JSON string is always escaped, so `"name":` can only be the name of a member.
    Searching for it is ten times as quick as parsing the whole object.
    """
    scalar = r'("(?:[^"\\]|\\.)*"|true|false|-?[0-9][0-9.eE+-]*)'
    member = pl.col(column).str.extract(f"{re.escape(json.dumps(name, ensure_ascii=False))}:\\s*{scalar}")
    return member.str.json_decode(pl.String).alias(name)
