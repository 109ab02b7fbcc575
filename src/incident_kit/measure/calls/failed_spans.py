"""Decide which spans failed, from the span's status and from its HTTP or gRPC status."""

from __future__ import annotations

import re

import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.requests.status_meaning import SERVER_ERROR, as_http

CLIENT_ERROR, SERVER_CAUSED = 400, (408, 429)
"""Statuses from 400 mark a client's span as an error although the server did not fail: the request was wrong.
Exceptions are 408 (timed out) and 429 (too many): they come from a server that could not answer.
"""

GRPC_NAMES = ("rpc.grpc.status_code", "rpc.response.status_code", "grpc.status_code", "grpc.code")
"""Attributes that hold a gRPC status: OpenTelemetry's names, the newer one second, then older names."""

GRPC_MARKER = "rpc."
"""Substring of all those names. A search for it quickly excludes most spans."""


def has_failed(spans: pl.DataFrame) -> Bools:
    """Return whether each span failed by its own status or its HTTP or gRPC status.

    Rejecting a wrong request (4xx) is no failure.
    """
    return outcomes(spans)["failed"].to_numpy()


def outcomes(spans: pl.DataFrame) -> pl.DataFrame:
    """Return whether each span `failed`, and whether it records that its call was `answered` well."""
    status = pl.col("meant")
    refused = status.is_between(CLIENT_ERROR, SERVER_ERROR - 1) & ~status.is_in(SERVER_CAUSED)
    said = (pl.col("status") == "error") & ~refused.fill_null(value=False)
    well = (pl.col("status") == "ok") | (status < SERVER_ERROR)
    return spans.select("status", meant_status(spans)).select(
        failed=said.fill_null(value=False) | (status >= SERVER_ERROR).fill_null(value=False),
        answered=well.fill_null(value=False),
    )


def meant_status(spans: pl.DataFrame) -> pl.Series:
    """Return the HTTP status that corresponds to each span's status (`meant`), null without one.

    A gRPC answer always has the HTTP status 200, so its own code counts.
    """
    calls = spans["attributes"].filter(spans["attributes"].str.contains(GRPC_MARKER, literal=True))
    told = [name for name in GRPC_NAMES if calls.str.contains(f'"{name}"', literal=True).any()]
    codes = (
        as_http(pl.col("attributes").str.extract(rf'"{re.escape(name)}":\s*"?([A-Za-z_]+|\d+)'))
        for name in told
    )
    status = pl.coalesce(*codes, pl.col("http_status").cast(pl.Int64))
    return spans.select(status.alias("meant")).to_series()
