"""Make requests from root spans, for an analysis that has traces and no log."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.calls.awaited import is_request
from incident_kit.measure.calls.failed_spans import meant_status
from incident_kit.measure.spans.span_tree import AnySpans, span_tree
from incident_kit.schema import REQUESTS, TIME_US, attribute, conform

NO_METHOD = "-"
"""Method of a root span that has none: a job, a message, a remote call."""
NAMED = r"(?i)^(GET|HEAD|POST|PUT|DELETE|PATCH|OPTIONS|QUERY) (/\S*)$"
"""A name by OpenTelemetry's conventions for HTTP servers, `{method} {route}`; Zipkin writes lower case."""
FAILED, ANSWERED = 500, 200
"""Statuses of a failed and of a successful span without an HTTP or gRPC status of its own. A null status
would mean that the client went away.
"""


def root_requests(spans: AnySpans) -> pl.DataFrame:
    """Return REQUESTS with one row for each request (see `is_request`).

    Method and route are the span's, or those that its name holds (see `NAMED`), or the route is its name.

    Raises
    ------
    SchemaError
        If the frame lacks trace_id, span_id, start or duration_ms.
    """
    tree = span_tree(spans)
    roots = tree.spans.filter(pl.Series(is_request(tree)), pl.col("start").is_not_null())
    start = pl.col("start").cast(TIME_US)
    verb, path = (pl.col("name").str.extract(NAMED, group) for group in (1, 2))
    method = pl.coalesce(attribute("http.request.method"), attribute("http.method"), verb.str.to_uppercase())
    failed = pl.when(pl.col("status") == "error").then(FAILED).otherwise(ANSWERED)
    requests = roots.select(
        "trace_id",
        "duration_ms",
        timestamp=start,
        start_time=start,
        method=method.fill_null(NO_METHOD),
        route=pl.coalesce("route", path, "name"),
        route_inferred=pl.lit(value=False),
        status=meant_status(roots).fill_null(roots.select(failed).to_series()),
        host=pl.col("service"),
    )
    return conform(requests, REQUESTS)
