"""Values as they were written become columns of REQUESTS."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from incident_kit.read.parsing.escapes import unescape
from incident_kit.read.parsing.extra import REST_OF_OBJECT, json_object
from incident_kit.read.parsing.kinds import TEXT, Kind
from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.parsing.readings import NOT_SET, Read, is_set
from incident_kit.read.parsing.template import RAW
from incident_kit.read.parsing.time_zones import to_utc
from incident_kit.read.parsing.trace_headers import plain_trace_id, trace_id
from incident_kit.read.parsing.upstreams import LISTS, listed_attempts, plain_attempt
from incident_kit.schema import REQUESTS

# A method, a target (with spaces when it was not encoded) and a version; or, without one, a target that
# looks so.
REQUEST = r"^([A-Za-z][A-Za-z_-]*) (.+) HTTP/(\d(?:\.\d)?)$"
SHORT_REQUEST = r"^([A-Z]+) ((?:/|\*|https?://)\S*)$"
# What proxies write instead of a request that they could not parse.
NO_REQUEST = ("<BADREQ>", "- - -", "- - - ", *NOT_SET)
AUTHORITY = r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)"
PORT, PORT_AT_END = r":\d+$", r":(\d+)$"

# Columns that only lead to others (`derived` ones too): the request line, `ip:port`, lists of attempts, a
# header that carries a trace.
PASSING = ("request", "client", *LISTS, "trace", "date", "clock", "finish")


def to_requests(
    values: pl.LazyFrame, log_format: LogFormat, tz: str, *, plain: bool, columns: Collection[str]
) -> pl.LazyFrame:
    """Return the `columns` of REQUESTS that a line itself tells, and `unreadable`, for values named `$name`.

    `tz` is the zone of times written without one. `plain` says that no value needs unescaping or
    splitting: the fast path has proven it. `unreadable` is true where a time is written that is none.
    """
    frame, extra, times = _typed(values, log_format, plain=plain)
    frame = _request(frame, plain=plain, escaped=log_format.layout.escaped)
    for step in (_client, _attempts, _trace):
        frame = step(frame, plain)
    known = set(_names(frame))
    derived = {
        name: made for name, made in log_format.derived.items() if known.issuperset(made.meta.root_names())
    }
    frame = frame.with_columns(**derived)
    frame = _start_time(_in_utc(_target(frame, log_format, plain), tz), log_format)
    schema = frame.collect_schema()
    names = schema.names()
    unreadable = pl.col("timestamp").is_null() & pl.any_horizontal(times) if times else pl.lit(value=False)
    made = {name: pl.col(name) for name in names}
    made["extra"] = json_object(
        {name: (pl.col(RAW + name), schema[RAW + name]) for name in extra},
        {"attempts": pl.col("attempts")} if "attempts" in names else {},
        pl.col(REST_OF_OBJECT) if REST_OF_OBJECT in names else None,
    )
    nothing = pl.lit(None)
    return frame.select(
        unreadable.alias("unreadable"),
        *(made.get(name, nothing).cast(REQUESTS[name].dtype).alias(name) for name in columns),
    )


def _names(frame: pl.LazyFrame) -> list[str]:
    return frame.collect_schema().names()


def _typed(
    values: pl.LazyFrame, log_format: LogFormat, *, plain: bool
) -> tuple[pl.LazyFrame, list[str], list[pl.Expr]]:
    """Read every value; return the frame, the names in `extra`, and where a time is written."""
    order = {name: place for place, name in enumerate(log_format.variables)}
    present = [name.removeprefix(RAW) for name in _names(values) if name.startswith(RAW)]
    columns: dict[str, pl.Expr] = {}
    written: dict[str, pl.Expr] = {}
    extra: dict[str, pl.Expr] = {}
    times: dict[str, pl.Expr] = {}
    for name in sorted(present, key=lambda name: order.get(name, len(order))):
        variable, raw = log_format.variable(name), pl.col(RAW + name)
        column, value = variable.column, _reading(variable.kind, log_format, plain=plain)(raw)
        if column not in REQUESTS and column not in PASSING:
            extra[column] = pl.coalesce(extra[column], value) if column in extra else value
        elif column not in columns:
            columns[column], written[column] = value, raw.is_not_null()
        else:
            # In each line the first variable that it has gives the column; the others are kept.
            extra[name] = pl.when(written[column]).then(value)
            columns[column] = pl.when(written[column]).then(columns[column]).otherwise(value)
            written[column] |= raw.is_not_null()
        if column in ("timestamp", "date"):
            times[f"written {name}"] = is_set(raw)
    rest = [REST_OF_OBJECT] if REST_OF_OBJECT in _names(values) else []
    frame = values.select(
        "line_number",
        *rest,
        *(value.alias(name) for name, value in (columns | times).items()),
        *(value.alias(RAW + name) for name, value in extra.items()),
    )
    return frame, list(extra), [pl.col(name) for name in times]


def _reading(kind: Kind, log_format: LogFormat, *, plain: bool) -> Read:
    """Return how a value is read: a plain one as it stands, and so a text without escapes."""
    if plain or (kind is TEXT and not log_format.layout.escaped):
        return kind.read_plain or kind.read
    return kind.read


def _request(frame: pl.LazyFrame, *, plain: bool, escaped: bool) -> pl.LazyFrame:
    """Split the request line; one that is none is kept whole as the target, as it was logged."""
    if "request" not in _names(frame):
        return frame
    line = pl.col("request")
    if plain:
        parts = line.str.splitn(" ", 3).struct
        version = parts.field("field_2").str.slice(len("HTTP/"))
        return frame.with_columns(
            method=parts.field("field_0"), target=parts.field("field_1"), http_version=version
        )
    full, short = line.str.extract_groups(REQUEST).struct, line.str.extract_groups(SHORT_REQUEST).struct
    target = pl.coalesce(full.field("2"), short.field("2"))
    target = unescape(target) if escaped else target
    return frame.with_columns(
        method=pl.coalesce(full.field("1"), short.field("1")),
        target=pl.coalesce(target, pl.when(~line.is_in(NO_REQUEST)).then(line)),
        http_version=full.field("3"),
    )


def _client(frame: pl.LazyFrame, _plain: bool) -> pl.LazyFrame:
    """Split the client's address from its port; an IPv6 address loses its brackets."""
    if "client" not in _names(frame):
        return frame
    client = pl.col("client")
    port = client.str.extract(PORT_AT_END)
    address = client.str.head(client.str.len_chars() - port.str.len_chars().fill_null(-1) - 1)
    return frame.with_columns(client_ip=address.str.strip_chars("[]"), client_port=port)


def _attempts(frame: pl.LazyFrame, plain: bool) -> pl.LazyFrame:
    """Sum up the attempts upstream."""
    names = _names(frame)
    if not set(LISTS) & set(names):
        return frame
    absent = [name for name in LISTS if name not in names]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
    return frame.with_columns(**(plain_attempt() if plain else listed_attempts()))


def _trace(frame: pl.LazyFrame, plain: bool) -> pl.LazyFrame:
    """Find the trace id in the header that carries it."""
    if "trace" not in _names(frame):
        return frame
    return frame.with_columns(trace_id=(plain_trace_id if plain else trace_id)(pl.col("trace")))


def _target(frame: pl.LazyFrame, log_format: LogFormat, plain: bool) -> pl.LazyFrame:
    """Split the target into path and query, and the host off an absolute one, unless the log has them."""
    names = _names(frame)
    host = pl.col("host").str.replace(PORT, "") if "host" in names else None
    hosts = {} if host is None else {"host": host}
    if "target" not in names:
        return frame.with_columns(**_joined_target(names), **hosts)
    parts = pl.col("target").str.splitn("?", 2).struct
    path = parts.field("field_0")
    if log_format.absolute_targets or not plain:
        authority = pl.col("target").str.extract(AUTHORITY)
        local = pl.when(authority.is_null()).then(path).otherwise(path.str.replace(AUTHORITY, ""))
        path = pl.when(local == "").then(pl.lit("/")).otherwise(local)
        host = pl.coalesce(*([] if host is None else [host]), authority.str.replace(PORT, ""))
    made = {"path": path, "query": parts.field("field_1")}
    hosts = {} if host is None else {"host": host}
    return frame.with_columns(**{name: value for name, value in made.items() if name not in names}, **hosts)


def _joined_target(names: list[str]) -> dict[str, pl.Expr]:
    """Return the target, where the log gives its path and query apart."""
    if "path" not in names:
        return {}
    query = [pl.lit("?") + pl.when(pl.col("query") != "").then(pl.col("query"))] if "query" in names else []
    joined = pl.concat_str("path", *query, ignore_nulls=True)
    return {"target": pl.when(pl.col("path").is_not_null()).then(joined)}


def _in_utc(frame: pl.LazyFrame, tz: str) -> pl.LazyFrame:
    """Place a time that the format writes without a zone in the zone `tz`."""
    written = frame.collect_schema().get("timestamp")
    if written is None or getattr(written, "time_zone", None):
        return frame
    return frame.with_columns(timestamp=to_utc(pl.col("timestamp"), tz))


def _start_time(frame: pl.LazyFrame, log_format: LogFormat) -> pl.LazyFrame:
    """Derive when the request began: a log that records its end needs the duration taken off."""
    names = _names(frame)
    if "start_time" in names or "timestamp" not in names:
        return frame
    start = pl.col("timestamp")
    if log_format.stamp == "end" and "duration_ms" in names:
        taken = (pl.col("duration_ms") * 1000).round().fill_null(0).cast(pl.Int64)
        start = start - pl.duration(microseconds=taken)
    return frame.with_columns(start_time=start)
