"""The attributes by which requests are compared, each as an expression on REQUESTS."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import commonprefix

import polars as pl

from incident_kit.diagnosis.attributes.json_fields import TOLD_ALREADY, json_fields
from incident_kit.diagnosis.attributes.parameters import query_parameters
from incident_kit.measure.requests.attempts import blamed_attempt
from incident_kit.measure.requests.traits import client_network
from incident_kit.measure.rollups.tables import OTHER

ENDPOINT_NAME = pl.when(pl.col("route").is_not_null()).then(
    pl.concat_str("method", "route", separator=" ", ignore_nulls=True)
)
"""The endpoint as `GET /x/{id}`; in a log without methods its route alone."""

PREFIX = pl.col("route").str.extract("^(/[^/]+)/")
"""The first part of the path, for logs with too many distinct routes to compare."""

COLUMNS: Mapping[str, pl.Expr] = {
    "endpoint": ENDPOINT_NAME,
    "method": pl.col("method"),
    "path_prefix": PREFIX,
    "path": pl.col("up_to_first_id"),
    "status": pl.col("status").cast(pl.String),
    "host": pl.col("host"),
    "upstream": blamed_attempt()["upstream_addr"],
    "client_network": client_network(),
    "user_agent_family": pl.col("user_agent_family"),
    "http_version": pl.col("http_version"),
    "file": pl.col("source"),
}
"""The attributes of REQUESTS, apart from the fields of `extra` and of a request's own span."""

SHARED = 0.1
"""An attribute with many values counts only if one value has a tenth of the bad requests: a network may, an
id that is always new does not."""

PAIR_SEPARATOR = " & "
"""Joins the names, and the values, of a pair of attributes; so no name may hold it."""

SPAN = "span_attributes"
"""The column of the attributes of a request's own span."""


def with_spans(requests: pl.DataFrame, spans: pl.DataFrame | None) -> pl.DataFrame:
    """Add the attributes of each request's own span, as JSON, in a column `SPAN`."""
    if spans is None:
        return requests.with_columns(pl.lit(None, dtype=pl.String).alias(SPAN))
    named = spans.select("trace_id", pl.col("attributes").alias(SPAN)).unique("trace_id", keep="first")
    return requests.join(named, on="trace_id", how="left")


def attribute_columns(
    requests: pl.DataFrame, before: pl.DataFrame, during: pl.DataFrame, bad: pl.DataFrame
) -> dict[str, pl.Expr]:
    """Return the expression of every attribute by its name.

    To those of REQUESTS come the query parameters, and the fields of the spans and of `extra`, that the
    requests `before`, `during` and the `bad` ones have. A field with the name of a column is left out.
    """
    fields = {
        **query_parameters(bad, SHARED),
        **json_fields(SPAN, (before, during, bad), TOLD_ALREADY),
        **json_fields("extra", (before, during, bad)),
    }
    own = {**COLUMNS, "file": file_name(requests["source"])}
    told = {name: value for name, value in fields.items() if PAIR_SEPARATOR not in name}
    return {**own, **told, **own}


def file_name(sources: pl.Series) -> pl.Expr:
    """Return the expression for the file that a request stands in, without the folders that all are in.

    The expression reads the column that `sources` is named after.
    """
    paths = sources.unique().drop_nulls()
    shared = commonprefix(paths.filter(paths != OTHER).to_list())  # noqa: RUF071  they may be URLs
    folders = max(shared.rfind("/"), shared.rfind("\\")) + 1
    return pl.col(sources.name).str.strip_prefix(shared[:folders])
