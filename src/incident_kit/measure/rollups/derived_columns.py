"""Derive columns from the value of one other column, computed once for each distinct value.

A user agent that occurs a million times is classified once. A reader knows the distinct values already, so it
can add these columns most cheaply.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import polars as pl

from incident_kit.distinct import per_distinct
from incident_kit.measure.arrays.histogram import SCALE, ZERO
from incident_kit.measure.requests.traits import client_network, user_agent_family
from incident_kit.measure.requests.validity import EXCLUSIONS, Exclusion, RuleKey, first_match, rule_keys

USED = (
    "timestamp", "start_time", "method", "route", "host", "status", "duration_ms", "upstream_addr",
    "upstream_status", "upstream_duration_ms", "trace_id", "source", "line_number", "extra",
)  # fmt: skip
"""Columns of REQUESTS that a rollup reads, besides those that `derived_columns` reads."""

REPEATED = ("method", "route", "host", "upstream_addr", "user_agent_family")
"""Columns whose values repeat. A rollup dictionary-encodes them, so that each distinct value is read once."""


def derived_columns(exclusions: Sequence[Exclusion] = EXCLUSIONS) -> dict[str, pl.Expr]:
    """Return the columns that depend on one other column alone: rules matched, kind of client, duration.

    A reader that already holds the distinct values can add these columns to REQUESTS at less cost.
    """
    rules = {rule_column(key): first_match(exclusions, key) for key in rule_keys(exclusions)}
    return {
        "duration_us": microseconds("duration_ms"),
        "bucket": bucket(),
        "client_network": client_network(),
        "user_agent_family": user_agent_family(),
        **rules,
    }


def has_derived_columns(columns: Collection[str], exclusions: Sequence[Exclusion]) -> bool:
    """Return whether `columns` already include those of `derived_columns`."""
    return {"duration_us", "bucket", *map(rule_column, rule_keys(exclusions))}.issubset(columns)


def rule_column(key: RuleKey) -> str:
    """Return the name of the column that holds the first matching rule of a key."""
    column, only_answered = key
    return f"rule on {column}, if answered" if only_answered else f"rule on {column}"


def add_derived_columns(requests: pl.DataFrame, exclusions: Sequence[Exclusion]) -> pl.DataFrame:
    """Add the columns of `derived_columns` to REQUESTS, computed once for each distinct value."""
    by_column: dict[str, dict[str, pl.Expr]] = {}
    for name, made in derived_columns(exclusions).items():
        by_column.setdefault(made.meta.root_names()[0], {})[name] = made
    said = (
        requests.select(**made)
        if requests[column].dtype.is_float()
        else per_distinct(requests[column], **made)
        for column, made in by_column.items()
    )
    return pl.concat([requests, *said], how="horizontal")


def bucket() -> pl.Expr:
    """Return `histogram.bucket_index` of `duration_ms` as an expression."""
    in_scale = (pl.col("duration_ms").log(2) * 2**SCALE).ceil() - 1
    return pl.when(pl.col("duration_ms") > 0).then(in_scale).otherwise(ZERO).cast(pl.Int32)


def microseconds(column: str) -> pl.Expr:
    """Return a column of milliseconds as whole microseconds."""
    return (pl.col(column) * 1000).round().cast(pl.Int64)
