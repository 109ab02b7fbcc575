"""Decide what a request's status means: the outcome of a gRPC call, and a client that left.

A gRPC answer always has the HTTP status 200, so its `grpc-status` counts as the corresponding HTTP status. A
client that gave up has no answer; whether that is bad depends on how long it had waited. For example, an
answer with HTTP status 200 and `grpc-status` 14 (unavailable) counts as 503.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

GRPC_STATUS = MappingProxyType(
    {
        # HTTP status of each gRPC code, as google.rpc.Code maps them.
        "OK": (0, 200),
        "CANCELLED": (1, 499),
        "UNKNOWN": (2, 500),
        "INVALIDARGUMENT": (3, 400),
        "DEADLINEEXCEEDED": (4, 504),
        "NOTFOUND": (5, 404),
        "ALREADYEXISTS": (6, 409),
        "PERMISSIONDENIED": (7, 403),
        "RESOURCEEXHAUSTED": (8, 429),
        "FAILEDPRECONDITION": (9, 400),
        "ABORTED": (10, 409),
        "OUTOFRANGE": (11, 400),
        "UNIMPLEMENTED": (12, 501),
        "INTERNAL": (13, 500),
        "UNAVAILABLE": (14, 503),
        "DATALOSS": (15, 500),
        "UNAUTHENTICATED": (16, 401),
    }
)
GRPC_MEANS: Mapping[str, int] = MappingProxyType(
    {key: http for name, (code, http) in GRPC_STATUS.items() for key in (name, str(code))} | {"CANCELED": 499}
)
"""HTTP status that corresponds to each gRPC code, by number and by name. Go spells one name differently."""
GAVE_UP_STATUS = (499, 460, 0)
"""Statuses by which nginx, AWS ALB and Caddy mark a request whose client left before the answer."""

SERVER_ERROR = 500
"""Least status that means a failure of the server."""

_GRPC_FIELD = r'(?i)"[^"]*grpc[_-]?status(?:[_-](?:number|code))?"\s*:\s*"?([A-Za-z_]+|\d+)'
_HAPROXY_STATE = r'"termination_state"\s*:\s*"C'
_ENVOY_FLAGS = r'"response_flags"\s*:\s*"(?:[A-Z]+,)*DC\b'


def meant_status(extra: bool = True) -> pl.Expr:
    """Return the expression on REQUESTS for the status that counts: a gRPC status in `extra` has priority."""
    if not extra:
        return pl.col("status")
    stands_for = as_http(pl.col("extra").str.extract(_GRPC_FIELD))
    # Only an answer with a success status hides its outcome in the trailer.
    hidden = pl.when(pl.col("status") < 300).then(stands_for)
    return pl.coalesce(hidden, pl.col("status")).alias("status")


def as_http(code: pl.Expr) -> pl.Expr:
    """Return the HTTP status that corresponds to a gRPC code, given as number or as name in any spelling."""
    plain = code.str.to_uppercase().str.replace_all("_", "", literal=True)
    return plain.replace_strict(GRPC_MEANS, default=None, return_dtype=pl.Int16)


def client_left(extra: bool = True) -> pl.Expr:
    """Return the expression on REQUESTS that is true if the client left before the answer."""
    left = pl.col("status").is_in(GAVE_UP_STATUS).fill_null(True)
    if not extra:
        return left
    state = pl.col("extra").str.contains(_HAPROXY_STATE) | pl.col("extra").str.contains(_ENVOY_FLAGS)
    return left | state.fill_null(False)
