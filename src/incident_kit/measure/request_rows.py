"""What each request adds to a rollup: whether and how it counts, and its row in each table."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from incident_kit.measure.histogram import SCALE, ZERO
from incident_kit.measure.outcome import is_error, is_given_up, is_slow
from incident_kit.measure.traits import client_network, user_agent_family
from incident_kit.measure.validity import Exclusion, exclusion_reason, meant_status

ATTRIBUTES = {
    "host": pl.col("host"),
    "client_network": client_network(),
    "user_agent_family": pl.col("user_agent_family"),
}
"""The attributes a rollup keeps; anything else can be asked of the requests themselves."""

USED = (
    "start_time", "method", "path", "query", "route", "host", "status", "duration_ms", "client_ip",
    "user_agent", "upstream_addr", "upstream_status", "upstream_duration_ms", "trace_id", "source",
    "line_number", "extra",
)  # fmt: skip
"""The columns of REQUESTS that a rollup reads."""


def judge(
    requests: pl.LazyFrame, latency_ms: float, exclusions: Sequence[Exclusion], extra: bool = True
) -> pl.LazyFrame:
    """Add to each request why it does not count (`reason`), the status it means, and its 0/1 counts.

    With `extra` false the open-ended fields are known to be empty, and are not searched.
    """
    flags = {
        "slow": is_slow(latency_ms),
        "given_up": is_given_up(latency_ms, extra),
        "errors": is_error(extra),
        "timed": pl.col("duration_ms").is_not_null(),
        "requests": pl.lit(True),
    }
    return requests.with_columns(
        exclusion_reason(exclusions),
        meant_status(extra).alias("status"),
        _microseconds("duration_ms").alias("duration_us"),
        *(flag.fill_null(False).cast(pl.Int64).alias(name) for name, flag in flags.items()),
    ).rename({"start_time": "time"})


def table_rows(judged: pl.LazyFrame, latency_ms: float) -> dict[str, pl.LazyFrame]:
    """Return, for each table of a rollup, the rows that are to be added up."""
    valid = judged.filter(pl.col("reason").is_null())
    return {
        "counts": valid,
        "latency": valid.filter(pl.col("timed") > 0).with_columns(_bucket().alias("bucket")),
        "upstreams": _upstream_rows(valid, latency_ms),
        "attributes": _attribute_rows(valid),
        "excluded": judged.filter(pl.col("reason").is_not_null()),
        "exemplars": pl.concat(
            [
                valid.filter(pl.col("errors") > 0).with_columns(kind=pl.lit("error")),
                valid.filter(pl.col("slow") > 0).with_columns(kind=pl.lit("slow")),
            ]
        ),
    }


def _bucket() -> pl.Expr:
    """Return the expression form of `histogram.bucket_index`."""
    in_scale = (pl.col("duration_ms").log(2) * 2**SCALE).ceil() - 1
    return pl.when(pl.col("duration_ms") > 0).then(in_scale).otherwise(ZERO).cast(pl.Int32)


def _upstream_rows(valid: pl.LazyFrame, latency_ms: float) -> pl.LazyFrame:
    """Return requests that reached an upstream, with its own status and time where the log has them."""
    status = pl.coalesce("upstream_status", "status")
    duration_ms = pl.coalesce("upstream_duration_ms", "duration_ms")
    return (
        valid.filter(pl.col("upstream_addr").is_not_null())
        .with_columns(status=status, duration_ms=duration_ms, upstream=pl.col("upstream_addr"))
        .with_columns(
            _microseconds("duration_ms").alias("duration_us"),
            pl.col("duration_ms").is_not_null().cast(pl.Int64).alias("timed"),
            (pl.col("duration_ms") > latency_ms).fill_null(False).cast(pl.Int64).alias("slow"),
        )
    )


def _attribute_rows(valid: pl.LazyFrame) -> pl.LazyFrame:
    """Return a row for each attribute that a request has."""
    # User agents are few and their families cost a dozen regular expressions: once for each distinct one.
    families = valid.select("user_agent").unique().select("user_agent", user_agent_family())
    known = valid.join(families, on="user_agent", how="left")
    rows = (
        known.select(
            "time",
            pl.lit(name).alias("attribute"),
            value.alias("value"),
            "requests",
            "errors",
            "slow",
            "timed",
        )
        for name, value in ATTRIBUTES.items()
    )
    return pl.concat(rows).filter(pl.col("value").is_not_null())


def _microseconds(column: str) -> pl.Expr:
    return (pl.col(column) * 1000).round().cast(pl.Int64)
