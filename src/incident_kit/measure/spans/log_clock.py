"""The clock of the log and that of the traces: told apart by the requests that are in both."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit.wording import span

LOOKED_AT = 2_000
"""Requests that are looked at: of so many the median is known to a fraction of their spread."""

LEAST_PAIRS = 20
"""Of fewer the median may be that of a few ids that were used again."""

APART = timedelta(seconds=5)
"""Logs round to seconds, stamp the end or the beginning, and a request waits at the proxy: that is less."""

ALIKE = 0.9
"""Clocks are apart where nine in ten requests say so, to within `APART`; ids that come again say nothing."""


def clock_difference(requests: pl.DataFrame, spans: pl.DataFrame) -> timedelta | None:
    """Return by how much the log's clock is ahead of the traces', None where they agree or nothing tells.

    `requests` are REQUESTS with trace ids, `spans` SPANS; a trace begins with its first span.
    """
    known = requests.select("trace_id", logged="start_time").drop_nulls()
    if known.is_empty() or spans.is_empty():
        return None
    joined = known.filter(pl.col("trace_id").is_in(spans["trace_id"].unique().implode()))
    some = joined.gather_every(max(1, joined.height // LOOKED_AT))
    begun = spans.filter(pl.col("trace_id").is_in(some["trace_id"].unique().implode()))
    begins = begun.group_by("trace_id").agg(traced=pl.col("start").min())
    ahead = (
        some.join(begins, on="trace_id")
        .select(ahead=pl.col("logged") - pl.col("traced").cast(pl.Datetime("us", "UTC")))["ahead"]
        .drop_nulls()
    )
    if len(ahead) < LEAST_PAIRS:
        return None
    median: timedelta = ahead.median()  # type: ignore[assignment]
    alike = int(ahead.is_between(median - APART, median + APART).sum())
    return median if abs(median) >= APART and alike >= ALIKE * len(ahead) else None


def on_the_logs_clock(requests: pl.DataFrame, spans: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return the spans as the log's clock would have timed them, and a sentence if that moved them."""
    ahead = clock_difference(requests, spans)
    if ahead is None:
        return spans, []
    apart = f"{span(abs(ahead.total_seconds()))} {'ahead of' if ahead > timedelta(0) else 'behind'}"
    return spans.with_columns(pl.col("start") + ahead), [
        f"The log's clock is about {apart} that of the traces, by the requests that are in both; the traces "
        "were put on the log's."
    ]
