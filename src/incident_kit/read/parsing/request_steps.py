"""The steps that split values with several parts into columns, such as a request line into method and target.

Each step gets the names of the columns that exist before it and returns the columns it adds, or nothing if
what it needs is missing. The raw value `GET /users/7?full=1 HTTP/1.1`, step by step:

    _request    method GET, target /users/7?full=1, http_version 1.1
    _target     path /users/7, query full=1
    _found      the route /users/{id}, inferred
    _route      route /users/{id}, route_inferred true, unless the log has a route of its own
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.cutting.plan import Step
from incident_kit.read.parsing.read_settings import ValueReading
from incident_kit.read.values.converters import BLANKS, text
from incident_kit.read.values.escapes import unescape
from incident_kit.read.values.trace_headers import plain_trace_id, trace_id
from incident_kit.read.values.upstreams import LISTS, listed_attempts, plain_attempt

# A method, a target (which holds blanks if it was not encoded) and a version; or a method and a plausible
# target without a version.
REQUEST = r"^([A-Za-z][A-Za-z_-]*) (.+) HTTP/(\d(?:\.\d)?)$"
SHORT_REQUEST = rf"^([A-Z][A-Z-]*) ((?:/|\*|https?://)[^{BLANKS}]*) ?$"
# What proxies write instead of a request that they could not parse. They may still know its version. AWS's
# load balancers write their own address: `- http://shop.example.com:80- -`.
NO_REQUEST = r"^(?:<BADREQ>|- - (?:-|HTTP/(\d(?:\.\d)?)) ?|- https?://[^ ]*-/? -?|-?)$"
AUTHORITY = r"^[A-Za-z][A-Za-z0-9+.-]*://([^/?#]*)"
PORT, PORT_AT_END = r":\d+$", r":(\d+)$"
HTTP = "HTTP/"
FOUND = pl.Struct({"route": pl.String(), "route_inferred": pl.Boolean()})


def _request(known: set[str], how: ValueReading) -> Step:
    """Split the request line; keep a malformed one whole as the target, as it was logged."""
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
        "target": pl.coalesce(target, pl.when(~line.str.contains(NO_REQUEST)).then(line)),
        "http_version": pl.coalesce(full.field("3"), line.str.extract(NO_REQUEST)),
    }
    # One line of a log may have the request line, and the next its parts.
    return {name: value.fill_null(pl.col(name)) if name in known else value for name, value in made.items()}


def _client(known: set[str], _how: ValueReading) -> Step:
    """Split the client's address from its port; remove an IPv6 address's brackets.

    One line may have both in one value, and the next each by itself. If a line names another address as well,
    a forwarded one, that is the client, and the port does not belong to it.
    """
    if "client" not in known:
        return {}
    client = pl.col("client")
    port = client.str.extract(PORT_AT_END)
    address = client.str.head(client.str.len_chars() - port.str.len_chars().fill_null(-1) - 1)
    address = text(address.str.strip_chars("[]"))
    if "client_ip" in known:
        named = pl.col("client_ip").fill_null(address)
        port, address = pl.when(named == address).then(port), named
    return {
        "client_ip": address,
        "client_port": port.fill_null(pl.col("client_port")) if "client_port" in known else port,
    }


def _absent_lists(known: set[str], _how: ValueReading) -> Step:
    """Add the lists of upstream attempts that the format lacks, if it has any of them."""
    absent = set(LISTS) - known
    return {} if absent == set(LISTS) else {name: pl.lit(None, dtype=pl.String) for name in absent}


def _attempts(known: set[str], how: ValueReading) -> Step:
    """Summarise the upstream attempts; a value that a line gives for all of them overrides the lists."""
    if not known.issuperset(LISTS):
        return {}
    made = plain_attempt() if how.plain else listed_attempts()
    return {name: pl.col(name).fill_null(value) if name in known else value for name, value in made.items()}


def _trace(known: set[str], how: ValueReading) -> Step:
    """Extract the trace id from the header that carries it."""
    if "trace" not in known:
        return {}
    return {"trace_id": (plain_trace_id if how.plain else trace_id)(pl.col("trace"))}


def _derived(known: set[str], how: ValueReading) -> Step:
    """Compute the format's derived columns whose inputs exist."""
    derived = how.log_format.derived.items()
    return {name: made for name, made in derived if known.issuperset(made.meta.root_names())}


def _target(known: set[str], how: ValueReading) -> Step:
    """Split the target into path and query, and the host off an absolute one, unless the log has them."""
    host = pl.col("host").str.replace(PORT, "") if "host" in known else None
    apart, joined = _apart(known), _joined(known)
    if "target" not in known:
        return joined | apart | ({} if host is None else {"host": host})
    parts = pl.col("target").str.splitn("?", 2).struct
    path = parts.field("field_0")
    # The fast path proves that the target of a request line is a path. A target of its own may be anything.
    if how.log_format.absolute_targets or not how.plain or "request" not in known:
        authority = pl.col("target").str.extract(AUTHORITY)
        local = pl.when(authority.is_null()).then(path).otherwise(path.str.replace(AUTHORITY, ""))
        path = pl.when(local == "").then(pl.lit("/")).otherwise(local)
        host = pl.coalesce(*([] if host is None else [host]), authority.str.replace(PORT, ""))
    made = {"path": path, "query": parts.field("field_1")}
    # One line of a log may have the target, and the next its path and query apart.
    split = {name: apart[name].fill_null(value) if name in apart else value for name, value in made.items()}
    whole = {name: pl.col(name).fill_null(value) for name, value in joined.items()}
    return split | whole | ({} if host is None else {"host": host})


def _apart(known: set[str]) -> Step:
    """Return the path and the query if the log has them apart; some servers call the whole target a path."""
    given = {"query": pl.col("query")} if "query" in known else {}
    if "path" not in known:
        return given
    parts = pl.col("path").str.splitn("?", 2).struct
    own = parts.field("field_1")
    return {"path": parts.field("field_0"), "query": given["query"].fill_null(own) if given else own}


def _joined(known: set[str]) -> Step:
    """Return the target if the log has its path and query apart."""
    if "path" not in known:
        return {}
    query = [pl.lit("?") + pl.when(pl.col("query") != "").then(pl.col("query"))] if "query" in known else []
    joined = pl.concat_str("path", *query, ignore_nulls=True)
    return {"target": pl.when(pl.col("path").is_not_null()).then(joined)}


def _found(known: set[str], how: ValueReading) -> Step:
    """Find the route of the path."""
    if "path" not in known or "route" not in how.settings.used:
        return {}
    finder = how.settings.finder
    found = pl.col("path").map_batches(
        lambda paths: finder(paths).to_struct(), return_dtype=FOUND, is_elementwise=True
    )
    return {"found": found}


def _route(known: set[str], _how: ValueReading) -> Step:
    """Take the found route, unless the log has its own."""
    own = pl.col("route") if "route" in known else pl.lit(None, dtype=pl.String)
    found = pl.col("found").struct if "found" in known else None
    if found is None:
        return {"route_inferred": pl.when(own.is_not_null()).then(False)}
    inferred = pl.when(own.is_null()).then(found.field("route_inferred")).otherwise(False)
    return {"route": own.fill_null(found.field("route")), "route_inferred": inferred}


# In this order: each step reads the columns of the steps before it.
STEPS = (_request, _client, _absent_lists, _attempts, _trace, _derived, _target, _found, _route)
