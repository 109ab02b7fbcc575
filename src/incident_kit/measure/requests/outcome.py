"""Expressions on REQUESTS for the outcome of a request: an error, a slow answer, a client that gave up."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.requests.status_meaning import SERVER_ERROR, client_left, meant_status


def is_error(extra: bool = True) -> pl.Expr:
    """Return the expression on REQUESTS that is true if the status means 5xx."""
    return (meant_status(extra) >= SERVER_ERROR).fill_null(False)


def known_duration_ms(extra: bool) -> pl.Expr:
    """Return the expression on REQUESTS for the duration in milliseconds; null if it is unknown.

    For a request without an answer, ALB writes no duration, but its start and end. If the client left, the
    time between them is how long the client waited.
    """
    between_ms = (pl.col("timestamp") - pl.col("start_time")).dt.total_microseconds() / 1000
    waited_ms = pl.when(client_left(extra) & (between_ms > 0)).then(between_ms)
    return pl.coalesce("duration_ms", waited_ms)


def is_slow(threshold_ms: float) -> pl.Expr:
    """Return the expression on REQUESTS that is true above the threshold, null without a duration."""
    return known_duration_ms(extra=True) > threshold_ms


def is_given_up(threshold_ms: float) -> pl.Expr:
    """Return the expression on REQUESTS that is true if the client left after it waited that long."""
    return (client_left() & is_slow(threshold_ms)).fill_null(False)
