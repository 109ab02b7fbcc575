"""Requests made of root spans, for an analysis that has traces and no log."""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit.measure.parent_rows import NO_PARENT
from incident_kit.measure.span_tree import span_tree
from incident_kit.schema import REQUESTS, TIME_US, attribute, conform

NO_METHOD = "-"
"""What stands for the method of a root span that has none: a job, a message, a remote call."""
FAILED = 500
"""The status of a root span that failed and has no HTTP status of its own."""


def root_requests(spans: Any) -> pl.DataFrame:
    """Return REQUESTS with one row a root span: the route is its own or else its name.

    A root is a span without a parent in its trace's data; `status` is null where a span has neither an
    HTTP status nor the status `error`.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    roots = tree.spans.filter(pl.Series(tree.parent == NO_PARENT), pl.col("start").is_not_null())
    start = pl.col("start").cast(TIME_US)
    method = attribute("http.request.method").fill_null(attribute("http.method")).fill_null(NO_METHOD)
    failed = pl.when(pl.col("status") == "error").then(FAILED)
    requests = roots.select(
        "trace_id",
        "duration_ms",
        timestamp=start,
        start_time=start,
        method=method,
        route=pl.col("route").fill_null(pl.col("name")),
        route_inferred=pl.lit(value=False),
        status=pl.col("http_status").fill_null(failed),
        host=pl.col("service"),
    )
    return conform(requests, REQUESTS)
