"""Judge each request: decide whether and how it counts in a rollup."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.measure.requests.attempts import blamed_attempt, may_have_several
from incident_kit.measure.requests.outcome import is_error, known_duration_ms
from incident_kit.measure.requests.status_meaning import client_left, meant_status
from incident_kit.measure.requests.validity import NO_RULE, Exclusion, first_rule, rule_keys
from incident_kit.measure.rollups.derived_columns import bucket, microseconds, rule_column
from incident_kit.schema import SERVED_BY, attribute

FLAGS = ("requests", "slow", "given_up", "errors", "timed")
"""Boolean columns: whether a request counts at all, and as what. They are never null."""

UPSTREAM = "upstream_"
"""Prefix of the columns that describe the upstream's part of a request."""

KEPT = (
    "method", "route", "host", "status", "duration_ms", "duration_us", "bucket", "client_network",
    "user_agent_family", "upstream_addr", "trace_id", "source", "line_number", "rule", *FLAGS,
)  # fmt: skip
"""Columns of a request that the tables need, besides its time and its upstream columns."""

SAMPLED = 200
"""Number of requests in which labels are looked for."""


def classify(
    requests: pl.DataFrame, latency_ms: float, exclusions: Sequence[Exclusion], extra: bool = True
) -> pl.DataFrame:
    """Add to each request the rule that excludes it (`rule`), the status it means, and its `FLAGS`.

    Columns with the prefix `UPSTREAM` describe the upstream. Of several attempts they describe the attempt to
    blame. Where the log has no upstream status or duration, the request's own stands in. `requests` must have
    the columns of `derived_columns`, and its `REPEATED` columns must be Categorical. Set `extra` to false if
    the open-ended fields are known to be empty; they are then not searched.
    """
    matches = {key: pl.col(rule_column(key)) for key in rule_keys(exclusions)}
    upstream = {
        "status": pl.coalesce("upstream_status", "status"),
        "duration_ms": pl.coalesce("upstream_duration_ms", "duration_ms"),
    }
    labels = _labels(requests) if extra else []
    owed = blamed_attempt() if extra and may_have_several(requests) else {}
    return (
        _with_waits(requests, extra)
        .lazy()
        .with_columns(**owed)
        .with_columns(first_rule(matches).alias("rule"), meant_status(extra).alias("status"))
        .with_columns(
            (pl.col("rule") == NO_RULE).alias("requests"),
            **{UPSTREAM + name: value for name, value in upstream.items()},
            slow=pl.col("duration_ms") > latency_ms,
            given_up=client_left(extra) & (pl.col("duration_ms") > latency_ms),
            errors=is_error(extra),
            timed=pl.col("duration_ms").is_not_null(),
        )
        .with_columns(
            (pl.col(FLAGS[1:]) & pl.col("requests")).fill_null(value=False),
            _added(pl.col("duration_us"), pl.col("requests")).alias("duration_us"),
        )
        .select(pl.col("start_time").alias("time"), *KEPT, *_upstream(latency_ms), *labels)
        .collect(engine="in-memory")
    )


def _with_waits(requests: pl.DataFrame, extra: bool) -> pl.DataFrame:
    """Add durations that only the times of a request reveal, and the columns derived from them."""
    untimed = requests["duration_ms"].null_count()
    if not untimed:
        return requests
    took = requests.select(known_duration_ms(extra))
    if took["duration_ms"].null_count() == untimed:
        return requests
    said = took.select("duration_ms", duration_us=microseconds("duration_ms"), bucket=bucket())
    return requests.with_columns(said.get_columns())


def _upstream(latency_ms: float) -> list[pl.Expr]:
    """Return the expressions for a request's upstream columns: status, duration and flags."""
    duration_ms = pl.col(f"{UPSTREAM}duration_ms")
    requests = pl.col("requests") & pl.col("upstream_addr").is_not_null()
    flags = {"requests": requests, "slow": duration_ms > latency_ms, "timed": duration_ms.is_not_null()}
    return [
        pl.col(f"{UPSTREAM}status"),
        _added(microseconds(f"{UPSTREAM}duration_ms"), requests).alias(f"{UPSTREAM}duration_us"),
        *((flag & requests).fill_null(value=False).alias(UPSTREAM + name) for name, flag in flags.items()),
    ]


def _labels(requests: pl.DataFrame) -> list[pl.Expr]:
    """Return the labels that the requests have; a log whose first lines have none has none."""
    first = requests["extra"].drop_nulls().head(SAMPLED)
    there = (name for name in SERVED_BY.values() if first.str.contains(f'"{name}":', literal=True).any())
    return [attribute(name, "extra") for name in there]


def _added(amount: pl.Expr, counts: pl.Expr) -> pl.Expr:
    """Return each request's contribution to a sum: 0 if it does not count or the log has no value."""
    return pl.when(counts).then(amount.fill_null(0)).otherwise(0)
