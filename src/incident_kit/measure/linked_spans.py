"""Spans numbered, each joined with its parent and with the entry of its segment."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.samples import Ints

CALLING_KINDS = ["client", "producer"]

SERVING_KINDS = ["server", "consumer"]

MAX_DOUBLINGS = 24
"""Pointer doublings until every span knows its entry: 2^24 levels; it also ends a cycle of parents."""

NS_PER_MS = 1e6

SERVER_ERROR = 500
"""The least HTTP status that says the server failed, also where the span's own status is unset."""


def linked_spans(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans numbered and joined with their parents; one delivered twice counts once."""
    start = pl.col("start").cast(pl.Int64)
    critical = pl.col("critical_ms") if "critical_ms" in spans.columns else pl.lit(0.0).alias("critical_ms")
    failed = (pl.col("status") == "error") | (pl.col("http_status") >= SERVER_ERROR)
    numbered = (
        spans.filter(pl.col("start").is_not_null(), pl.col("duration_ms").is_not_null())
        .unique(["trace_id", "span_id"], keep="first", maintain_order=True)
        .with_row_index("span")
        .select(
            "trace_id", "span_id", "parent_span_id", "name", "kind", "peer", "attributes", "usual", critical,
            pl.col("span").cast(pl.Int64),
            pl.col("service").fill_null("(unknown)"),
            pl.col("trace_id").rank("dense").cast(pl.Int64).sub(1).alias("trace"),
            start,
            (start + (pl.col("duration_ms").clip(0) * NS_PER_MS).cast(pl.Int64)).alias("end"),
            failed.fill_null(value=False).alias("failed"),
        )
    )  # fmt: skip
    parents = numbered.select(
        "trace_id",
        parent_span_id="span_id",
        parent="span",
        parent_service="service",
        parent_kind="kind",
    )
    return numbered.join(parents, on=["trace_id", "parent_span_id"], how="left", maintain_order="left")


def entries(linked: pl.DataFrame) -> Ints:
    """Return for each span the number of its segment's entry, by pointer doubling."""
    # A service that calls itself over the network begins a new segment.
    crosses = pl.col("kind").is_in(SERVING_KINDS) & pl.col("parent_kind").is_in(CALLING_KINDS)
    local = (pl.col("service") == pl.col("parent_service")) & ~crosses.fill_null(value=False)
    up = pl.when(local.fill_null(value=False)).then("parent").otherwise("span")
    top: Ints = linked.select(up).to_series().to_numpy().astype(np.int64)
    for _ in range(MAX_DOUBLINGS):
        higher = top[top]
        if np.array_equal(higher, top):
            break
        top = higher
    return top
