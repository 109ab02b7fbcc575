"""What each request adds to a rollup: whether and how it counts, and its row in each table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.measure.outcome import is_error, is_given_up, is_slow
from incident_kit.measure.request_values import matched, microseconds
from incident_kit.measure.rollup_tables import OTHER, TABLES, are_kept, floor_time
from incident_kit.measure.validity import Exclusion, first_rule, meant_status, reason_of, rule_keys

ATTRIBUTES = ("host", "client_network", "user_agent_family")
"""The attributes a rollup keeps; anything else can be asked of the requests themselves."""

MANY = ("client_network",)
"""Attributes with maybe as many values as requests: those not to be kept are told before they are counted."""

KEPT = (
    "method", "route", "host", "status", "duration_ms", "duration_us", "bucket", "client_network",
    "user_agent_family", "upstream_addr", "upstream_status", "upstream_duration_ms", "trace_id", "source",
    "line_number", "rule", "slow", "given_up", "errors", "timed", "requests",
)  # fmt: skip
"""What the tables need to know of a request, beside its time."""


def judge(
    requests: pl.DataFrame, latency_ms: float, exclusions: Sequence[Exclusion], extra: bool = True
) -> pl.DataFrame:
    """Add to each request the rule that excludes it (`rule`), the status it means, and its 0/1 counts.

    `requests` have what is `said_by_values`, and `REPEATED` columns are Categorical. With `extra` false the
    open-ended fields are known to be empty, and are not searched.
    """
    flags = {
        "slow": is_slow(latency_ms),
        "given_up": is_given_up(latency_ms, extra),
        "errors": is_error(extra),
        "timed": pl.col("duration_ms").is_not_null(),
        "requests": pl.lit(True),
    }
    matches = {key: pl.col(matched(key)) for key in rule_keys(exclusions)}
    return (
        requests.lazy()
        .with_columns(
            first_rule(matches).alias("rule"),
            meant_status(extra).alias("status"),
            *(flag.fill_null(False).cast(pl.Int64).alias(name) for name, flag in flags.items()),
        )
        .select(pl.col("start_time").alias("time"), *KEPT)
        .collect()
    )


def table_rows(
    judged: pl.DataFrame, latency_ms: float, bucket_s: int, exclusions: Sequence[Exclusion]
) -> dict[str, pl.LazyFrame]:
    """Return, for each table of a rollup, the rows that are to be added up.

    The attributes, which may be many, are counted already, in buckets of `bucket_s` seconds.
    """
    counts = judged["rule"].is_null()
    rows = (judged if counts.all() else judged.filter(counts)).lazy()
    reason = reason_of(exclusions, pl.col("rule"))
    return {
        "counts": rows,
        "latency": rows.filter(pl.col("timed") > 0),
        "upstreams": _upstream_rows(rows, latency_ms),
        "attributes": _attribute_rows(rows, bucket_s),
        "excluded": judged.filter(~counts).lazy().with_columns(reason=reason),
        "exemplars": pl.concat(
            [
                rows.filter(pl.col("errors") > 0).with_columns(kind=pl.lit("error")),
                rows.filter(pl.col("slow") > 0).with_columns(kind=pl.lit("slow")),
            ]
        ),
    }


def _upstream_rows(valid: pl.LazyFrame, latency_ms: float) -> pl.LazyFrame:
    """Return requests that reached an upstream, with its own status and time where the log has them."""
    status = pl.coalesce("upstream_status", "status")
    duration_ms = pl.coalesce("upstream_duration_ms", "duration_ms")
    return (
        valid.filter(pl.col("upstream_addr").is_not_null())
        .with_columns(status=status, duration_ms=duration_ms, upstream=pl.col("upstream_addr"))
        .with_columns(
            microseconds("duration_ms").alias("duration_us"),
            pl.col("duration_ms").is_not_null().cast(pl.Int64).alias("timed"),
            (pl.col("duration_ms") > latency_ms).fill_null(False).cast(pl.Int64).alias("slow"),
        )
    )


def _attribute_rows(valid: pl.LazyFrame, bucket_s: int) -> pl.LazyFrame:
    """Return the counts by each attribute that requests have, in buckets of time."""
    counted = (
        part.with_columns(pl.col("value").cast(pl.String), attribute=pl.lit(name))
        for name in ATTRIBUTES
        for part in _count_values(_values(valid, name, bucket_s), many=name in MANY)
    )
    return pl.concat(counted)


def _count_values(rows: pl.LazyFrame, *, many: bool) -> list[pl.LazyFrame]:
    """Return what adds up to the counts by value; of `many`, those not to be kept are never told apart."""
    sums = pl.col(TABLES["attributes"].sums).sum()
    if not many:
        return [rows.group_by("time", "value").agg(sums)]
    apart = are_kept(rows.select("value").collect().to_series())
    others = rows.filter(~apart).group_by("time").agg(sums)
    return [
        rows.filter(apart).group_by("time", "value").agg(sums),
        others.select("time", pl.lit(OTHER).alias("value"), pl.exclude("time")),
    ]


def _values(valid: pl.LazyFrame, name: str, bucket_s: int) -> pl.LazyFrame:
    """Return the requests that have an attribute: its value, and what is to be added up of it."""
    having = valid.filter(pl.col(name).is_not_null())
    return having.select(
        floor_time("time", bucket_s), pl.col(name).alias("value"), *TABLES["attributes"].sums
    )
