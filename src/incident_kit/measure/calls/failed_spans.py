"""Which spans failed: what the span says, and its HTTP or gRPC status where it says nothing."""

from __future__ import annotations

import re

import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.requests.validity import as_http

SERVER_ERROR = 500
"""From here on an HTTP status says that the server failed, also where the span itself says nothing."""

CLIENT_ERROR, SERVERS_DOING = 400, (408, 429)
"""A client's span is in error for these too, though who answered so did not fail: the question was wrong.
Timed out (408) and too many (429) are answers of a server that could not."""

GRPC_NAMES = ("rpc.grpc.status_code", "rpc.response.status_code", "grpc.status_code", "grpc.code")
"""OpenTelemetry's names of a gRPC status, the newer one second, and what came before them."""

ALL_HAVE = "rpc."
"""It stands in all of those names; most spans are soon known to have none."""


def has_failed(spans: pl.DataFrame) -> Bools:
    """Whether each span failed: it, or its status, says so; to refuse a wrong request is no failure."""
    return outcomes(spans)["failed"].to_numpy()


def outcomes(spans: pl.DataFrame) -> pl.DataFrame:
    """Return whether each span `failed`, and whether it says of a call that it was `answered`, and well."""
    status = pl.col("meant")
    refused = status.is_between(CLIENT_ERROR, SERVER_ERROR - 1) & ~status.is_in(SERVERS_DOING)
    said = (pl.col("status") == "error") & ~refused.fill_null(value=False)
    well = (pl.col("status") == "ok") | (status < SERVER_ERROR)
    return spans.select("status", meant_status(spans)).select(
        failed=said.fill_null(value=False) | (status >= SERVER_ERROR).fill_null(value=False),
        answered=well.fill_null(value=False),
    )


def meant_status(spans: pl.DataFrame) -> pl.Series:
    """Return the HTTP status that each span's status means (`meant`), null where it has none.

    A gRPC answer is 200 whatever happened, so its own code counts.
    """
    calls = spans["attributes"].filter(spans["attributes"].str.contains(ALL_HAVE, literal=True))
    told = [name for name in GRPC_NAMES if calls.str.contains(f'"{name}"', literal=True).any()]
    codes = (
        as_http(pl.col("attributes").str.extract(rf'"{re.escape(name)}":\s*"?([A-Za-z_]+|\d+)'))
        for name in told
    )
    status = pl.coalesce(*codes, pl.col("http_status").cast(pl.Int64))
    return spans.select(status.alias("meant")).to_series()
