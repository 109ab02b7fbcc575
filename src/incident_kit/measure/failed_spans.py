"""Which spans failed: what the span says, and its HTTP status where it says nothing."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.span_tree import Flags

SERVER_ERROR = 500
"""From here on an HTTP status says that the server failed, also where the span itself says nothing."""

CLIENT_ERROR, SERVERS_DOING = 400, (408, 429)
"""A client's span is in error for these too, though who answered so did not fail: the question was wrong.
Timed out (408) and too many (429) are answers of a server that could not."""


def has_failed(spans: pl.DataFrame) -> Flags:
    """Whether each span failed: it, or its HTTP status, says so; to refuse a wrong request is no failure."""
    status = pl.col("http_status")
    refused = status.is_between(CLIENT_ERROR, SERVER_ERROR - 1) & ~status.is_in(SERVERS_DOING)
    said = (pl.col("status") == "error") & ~refused.fill_null(value=False)
    failed = said.fill_null(value=False) | (status >= SERVER_ERROR).fill_null(value=False)
    return spans.select(failed.alias("failed")).to_series().to_numpy()
