"""Estimate the difference between the log's clock and the traces' clock from requests that are in both."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit.wording import duration_words

SAMPLE_SIZE = 2_000
"""Number of requests to compare. It gives the median to within a small fraction of their spread."""

MIN_PAIRS = 20
"""Fewest pairs. With fewer, a few reused ids could decide the median."""

MIN_DIFFERENCE = timedelta(seconds=5)
"""Least difference. Rounding to seconds, stamps at the end or beginning, and waiting at the proxy stay below
it.
"""

MIN_AGREEMENT = 0.9
"""Share of requests that must agree on the difference to within `MIN_DIFFERENCE`. Reused ids do not agree."""


def clock_difference(requests: pl.DataFrame, spans: pl.DataFrame) -> timedelta | None:
    """Return by how much the log's clock is ahead of the traces'; None if they agree or it is unknown.

    `requests` are REQUESTS with trace ids, `spans` are SPANS. A trace begins with its first span.
    """
    known = requests.select("trace_id", logged="start_time").drop_nulls()
    if known.is_empty() or spans.is_empty():
        return None
    joined = known.filter(pl.col("trace_id").is_in(spans["trace_id"].unique().implode()))
    some = joined.gather_every(max(1, joined.height // SAMPLE_SIZE))
    begun = spans.filter(pl.col("trace_id").is_in(some["trace_id"].unique().implode()))
    begins = begun.group_by("trace_id").agg(traced=pl.col("start").min())
    ahead = (
        some.join(begins, on="trace_id")
        .select(ahead=pl.col("logged") - pl.col("traced").cast(pl.Datetime("us", "UTC")))["ahead"]
        .drop_nulls()
    )
    if len(ahead) < MIN_PAIRS:
        return None
    median: timedelta = ahead.median()  # type: ignore[assignment]
    alike = int(ahead.is_between(median - MIN_DIFFERENCE, median + MIN_DIFFERENCE).sum())
    return median if abs(median) >= MIN_DIFFERENCE and alike >= MIN_AGREEMENT * len(ahead) else None


def on_the_logs_clock(requests: pl.DataFrame, spans: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Return the spans on the log's clock, and a sentence about it if they were moved."""
    ahead = clock_difference(requests, spans)
    if ahead is None:
        return spans, []
    apart = f"{duration_words(abs(ahead.total_seconds()))} {'ahead of' if ahead > timedelta(0) else 'behind'}"
    return spans.with_columns(pl.col("start") + ahead), [
        f"The log's clock is about {apart} that of the traces, by the requests that are in both; the traces "
        "were put on the log's."
    ]
