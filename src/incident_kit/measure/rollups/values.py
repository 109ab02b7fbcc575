"""What one value alone says of a request: worked out once for each distinct value, best where it is read."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from incident_kit.distinct import once_each
from incident_kit.measure.arrays.histogram import SCALE, ZERO
from incident_kit.measure.requests.traits import client_network, user_agent_family
from incident_kit.measure.requests.validity import EXCLUSIONS, Exclusion, RuleKey, first_match, rule_keys

USED = (
    "timestamp", "start_time", "method", "route", "host", "status", "duration_ms", "upstream_addr",
    "upstream_status", "upstream_duration_ms", "trace_id", "source", "line_number", "extra",
)  # fmt: skip
"""The columns of REQUESTS that a rollup reads, beside those that `said_by_values` looks at."""

REPEATED = ("method", "route", "host", "upstream_addr", "user_agent_family")
"""Columns whose values repeat; a rollup works on categories, and reads each distinct value once."""


def said_by_values(exclusions: Sequence[Exclusion] = EXCLUSIONS) -> dict[str, pl.Expr]:
    """Return what is said by the values of one column alone: the rules they match, what the client is.

    A reader that tells distinct values apart anyway can add these columns to REQUESTS for less.
    """
    rules = {matched(key): first_match(exclusions, key) for key in rule_keys(exclusions)}
    return {
        "duration_us": microseconds("duration_ms"),
        "bucket": bucket(),
        "client_network": client_network(),
        "user_agent_family": user_agent_family(),
        **rules,
    }


def is_said(columns: Collection[str], exclusions: Sequence[Exclusion]) -> bool:
    """Return whether what is `said_by_values` is among the columns."""
    return {"duration_us", "bucket", *map(matched, rule_keys(exclusions))}.issubset(columns)


def matched(key: RuleKey) -> str:
    """Return the name of the column for the first rule of a key that matches."""
    column, only_answered = key
    return f"rule on {column}, if answered" if only_answered else f"rule on {column}"


def add_said_by_values(requests: pl.DataFrame, exclusions: Sequence[Exclusion]) -> pl.DataFrame:
    """Add what is `said_by_values` to REQUESTS, worked out once for each distinct value."""
    by_column: dict[str, dict[str, pl.Expr]] = {}
    for name, made in said_by_values(exclusions).items():
        by_column.setdefault(made.meta.root_names()[0], {})[name] = made
    said = (
        requests.select(**made) if requests[column].dtype.is_float() else once_each(requests[column], **made)
        for column, made in by_column.items()
    )
    return pl.concat([requests, *said], how="horizontal")


def bucket() -> pl.Expr:
    """Return the expression form of `histogram.bucket_index`."""
    in_scale = (pl.col("duration_ms").log(2) * 2**SCALE).ceil() - 1
    return pl.when(pl.col("duration_ms") > 0).then(in_scale).otherwise(ZERO).cast(pl.Int32)


def microseconds(column: str) -> pl.Expr:
    """Return a column of milliseconds in whole microseconds."""
    return (pl.col(column) * 1000).round().cast(pl.Int64)
