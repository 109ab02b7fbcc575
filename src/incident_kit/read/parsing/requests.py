"""Values as they were written become columns of REQUESTS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from incident_kit.read.parsing.escapes import unescape
from incident_kit.read.parsing.extra import REST_OF_OBJECT, json_object
from incident_kit.read.parsing.kinds import TEXT, Kind
from incident_kit.read.parsing.log_format import LogFormat
from incident_kit.read.parsing.plan import Plan, Step, with_steps
from incident_kit.read.parsing.readings import NOT_SET, Read, is_set
from incident_kit.read.parsing.slots import RAW
from incident_kit.read.parsing.time_zones import to_utc
from incident_kit.read.parsing.trace_headers import plain_trace_id, trace_id
from incident_kit.read.parsing.upstreams import LISTS, listed_attempts, plain_attempt
from incident_kit.read.routes import Finder, route_finder
from incident_kit.schema import REQUESTS, Schema

# A method, a target (with spaces when it was not encoded) and a version; or, without one, a target that
# looks so.
REQUEST = r"^([A-Za-z][A-Za-z_-]*) (.+) HTTP/(\d(?:\.\d)?)$"
SHORT_REQUEST = r"^([A-Z][A-Z-]*) ((?:/|\*|https?://)\S*)$"
# What proxies write instead of a request that they could not parse.
NO_REQUEST = ("<BADREQ>", "- - -", "- - - ", *NOT_SET)
AUTHORITY = r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)"
PORT, PORT_AT_END = r":\d+$", r":(\d+)$"
HTTP = "HTTP/"
FOUND = pl.Struct({"route": pl.String(), "route_inferred": pl.Boolean()})

# Columns that only lead to others (`derived` ones too): the request line, `ip:port`, lists of attempts, a
# header that carries a trace.
PASSING = ("request", "client", *LISTS, "trace", "date", "clock", "finish")
UNREADABLE = "unreadable"
"""The column that is true where a time is written that is none."""


# What a line itself tells.
OWN: Schema = {name: column for name, column in REQUESTS.items() if name != "source"}


@dataclass(frozen=True)
class Manner:
    """What holds for every line: the columns of REQUESTS that are wanted, and what the lines do not tell.

    `line_number` is always among the columns. `finder` finds the route of a path; `tz` is the zone of times
    written without one.
    """

    columns: Schema = field(default_factory=lambda: OWN)
    finder: Finder = field(default_factory=route_finder)
    tz: str = "UTC"


@dataclass(frozen=True)
class Reading:
    """How one format's values are to be read: `plain` ones need neither unescaping nor splitting."""

    log_format: LogFormat
    manner: Manner
    plain: bool


def plan_requests(written: Collection[str], log_format: LogFormat, manner: Manner, *, plain: bool) -> Plan:
    """Plan how the values `written` become the columns wanted of REQUESTS, and `UNREADABLE`.

    Values are columns of text named `$name`. `plain` says that no value needs unescaping or splitting: the
    fast path has proven it.
    """
    how = Reading(log_format, manner, plain)
    typed, extra, times = _typed(written, how)
    steps, known = [typed], {*written, *typed}
    for step in (_request, _client, _absent_lists, _attempts, _trace, _derived, _target, _found, _route):
        steps.append(step(known, how))
        known |= steps[-1].keys()
    types = with_steps(pl.LazyFrame(schema=dict.fromkeys(written, pl.String)), steps).collect_schema()
    in_order = _in_utc(types, how)
    start = _start_time(known, how)
    last = _last(known | start.keys(), {name: types[RAW + name] for name in extra}, times, manner.columns)
    return Plan((*steps, in_order, start, last), (UNREADABLE, *manner.columns), frozenset(in_order))


def _typed(written: Collection[str], how: Reading) -> tuple[Step, list[str], list[str]]:
    """Read every value; return the step, the names in `extra`, and the columns that tell of written times."""
    order = {name: place for place, name in enumerate(how.log_format.variables)}
    present = [name.removeprefix(RAW) for name in written if name.startswith(RAW)]
    columns: Step = {}
    given: Step = {}
    extra: Step = {}
    times: Step = {}
    for name in sorted(present, key=lambda name: order.get(name, len(order))):
        variable, raw = how.log_format.variable(name), pl.col(RAW + name)
        column, value = variable.column, _reading(variable.kind, how)(raw)
        if column not in REQUESTS and column not in PASSING:
            extra[column] = pl.coalesce(extra[column], value) if column in extra else value
        elif column not in columns:
            columns[column], given[column] = value, raw.is_not_null()
        else:
            # In each line the first variable that it has gives the column; the others are kept.
            extra[name] = pl.when(given[column]).then(value)
            columns[column] = pl.when(given[column]).then(columns[column]).otherwise(value)
            given[column] |= raw.is_not_null()
        if column in ("timestamp", "date"):
            times[f"written {name}"] = is_set(raw).fill_null(value=False)
    kept = {RAW + name: value for name, value in extra.items()}
    return columns | kept | times, list(extra), list(times)


def _reading(kind: Kind, how: Reading) -> Read:
    """Return how a value is read: a plain one as it stands, and so a text without escapes."""
    if how.plain or (kind is TEXT and not how.log_format.layout.escaped):
        return kind.read_plain or kind.read
    return kind.read


def _request(known: set[str], how: Reading) -> Step:
    """Split the request line; one that is none is kept whole as the target, as it was logged."""
    if "request" not in known:
        return {}
    line = pl.col("request")
    if how.plain:
        parts = line.str.splitn(" ", 3).struct
        version = parts.field("field_2").str.slice(len(HTTP))
        return {"method": parts.field("field_0"), "target": parts.field("field_1"), "http_version": version}
    full, short = line.str.extract_groups(REQUEST).struct, line.str.extract_groups(SHORT_REQUEST).struct
    target = pl.coalesce(full.field("2"), short.field("2"))
    target = unescape(target) if how.log_format.layout.escaped else target
    made = {
        "method": pl.coalesce(full.field("1"), short.field("1")),
        "target": pl.coalesce(target, pl.when(~line.is_in(NO_REQUEST)).then(line)),
        "http_version": full.field("3"),
    }
    # One line may give the request, and the next its parts.
    return {name: value.fill_null(pl.col(name)) if name in known else value for name, value in made.items()}


def _client(known: set[str], _how: Reading) -> Step:
    """Split the client's address from its port; an IPv6 address loses its brackets."""
    if "client" not in known:
        return {}
    client = pl.col("client")
    port = client.str.extract(PORT_AT_END)
    address = client.str.head(client.str.len_chars() - port.str.len_chars().fill_null(-1) - 1)
    return {"client_ip": address.str.strip_chars("[]"), "client_port": port}


def _absent_lists(known: set[str], _how: Reading) -> Step:
    """Add the lists of attempts that the format does not have, where it has any."""
    absent = set(LISTS) - known
    return {} if absent == set(LISTS) else {name: pl.lit(None, dtype=pl.String) for name in absent}


def _attempts(known: set[str], how: Reading) -> Step:
    """Sum up the attempts upstream."""
    if not known.issuperset(LISTS):
        return {}
    return plain_attempt() if how.plain else listed_attempts()


def _trace(known: set[str], how: Reading) -> Step:
    """Find the trace id in the header that carries it."""
    if "trace" not in known:
        return {}
    return {"trace_id": (plain_trace_id if how.plain else trace_id)(pl.col("trace"))}


def _derived(known: set[str], how: Reading) -> Step:
    """Compute what the format derives of its other values, where it has them."""
    derived = how.log_format.derived.items()
    return {name: made for name, made in derived if known.issuperset(made.meta.root_names())}


def _target(known: set[str], how: Reading) -> Step:
    """Split the target into path and query, and the host off an absolute one, unless the log has them."""
    host = pl.col("host").str.replace(PORT, "") if "host" in known else None
    if "target" not in known:
        return _joined_target(known) | ({} if host is None else {"host": host})
    parts = pl.col("target").str.splitn("?", 2).struct
    path = parts.field("field_0")
    if how.log_format.absolute_targets or not how.plain:
        authority = pl.col("target").str.extract(AUTHORITY)
        local = pl.when(authority.is_null()).then(path).otherwise(path.str.replace(AUTHORITY, ""))
        path = pl.when(local == "").then(pl.lit("/")).otherwise(local)
        host = pl.coalesce(*([] if host is None else [host]), authority.str.replace(PORT, ""))
    made = {"path": path, "query": parts.field("field_1")}
    # One line may give the target, and the next its path and query apart.
    split = {name: pl.col(name).fill_null(value) if name in known else value for name, value in made.items()}
    joined = {name: pl.col(name).fill_null(value) for name, value in _joined_target(known).items()}
    return split | joined | ({} if host is None else {"host": host})


def _joined_target(known: set[str]) -> Step:
    """Return the target, where the log gives its path and query apart."""
    if "path" not in known:
        return {}
    query = [pl.lit("?") + pl.when(pl.col("query") != "").then(pl.col("query"))] if "query" in known else []
    joined = pl.concat_str("path", *query, ignore_nulls=True)
    return {"target": pl.when(pl.col("path").is_not_null()).then(joined)}


def _found(known: set[str], how: Reading) -> Step:
    """Find the route of the path."""
    if "path" not in known or "route" not in how.manner.columns:
        return {}
    finder = how.manner.finder
    found = pl.col("path").map_batches(
        lambda paths: finder(paths).to_struct(), return_dtype=FOUND, is_elementwise=True
    )
    return {"found": found}


def _route(known: set[str], _how: Reading) -> Step:
    """Take the route that was found, unless the log has its own."""
    own = pl.col("route") if "route" in known else pl.lit(None, dtype=pl.String)
    found = pl.col("found").struct if "found" in known else None
    if found is None:
        return {"route_inferred": pl.when(own.is_not_null()).then(False)}
    inferred = pl.when(own.is_null()).then(found.field("route_inferred")).otherwise(False)
    return {"route": own.fill_null(found.field("route")), "route_inferred": inferred}


def _in_utc(types: Mapping[str, pl.DataType], how: Reading) -> Step:
    """Place a time that the format writes without a zone in the zone it is meant in."""
    if "timestamp" not in types or getattr(types["timestamp"], "time_zone", None):
        return {}
    return {"timestamp": to_utc(pl.col("timestamp"), how.manner.tz)}


def _start_time(known: set[str], how: Reading) -> Step:
    """Derive when the request began: a log that records its end needs the duration taken off."""
    if "start_time" in known or "timestamp" not in known:
        return {}
    start = pl.col("timestamp")
    if how.log_format.stamp == "end" and "duration_ms" in known:
        taken = (pl.col("duration_ms") * 1000).round().fill_null(0).cast(pl.Int64)
        start = start - pl.duration(microseconds=taken)
    return {"start_time": start}


def _last(
    known: Collection[str], extra: Mapping[str, pl.DataType], times: Sequence[str], columns: Schema
) -> Step:
    """Give the columns their types, and put what is left into `extra`."""
    unreadable = pl.col("timestamp").is_null() & pl.any_horizontal(times) if times else pl.lit(value=False)
    made = {name: pl.col(name) for name in columns if name in known}
    made["extra"] = json_object(
        {name: (pl.col(RAW + name), dtype) for name, dtype in extra.items()},
        {"attempts": pl.col("attempts")} if "attempts" in known else {},
        pl.col(REST_OF_OBJECT) if REST_OF_OBJECT in known else None,
    )
    nothing = pl.lit(None)
    # A number that no status or port can be is damage, and must not cost the other lines.
    typed = {
        name: made.get(name, nothing).cast(column.dtype, strict=False) for name, column in columns.items()
    }
    return {UNREADABLE: unreadable, **typed}
