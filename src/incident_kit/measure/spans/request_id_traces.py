"""Find the trace of a request by its request id, where a proxy's request id is the trace id.

nginx's `$request_id` has 32 hexadecimal digits, as a trace id has, and may be sent on in `traceparent`. A log
that has it but no header of a trace still joins its spans.
"""

from __future__ import annotations

import polars as pl


def traced_by_request_id(requests: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the requests; those without a trace id have their request id there if it is a trace's."""
    if not requests["trace_id"].null_count() or not requests["request_id"].count():
        return requests
    # Some write it as a UUID, with hyphens.
    written = pl.col("request_id").str.replace_all("-", "", literal=True).str.to_lowercase()
    is_trace = written.is_in(spans["trace_id"].unique().implode())
    return requests.with_columns(pl.col("trace_id").fill_null(pl.when(is_trace).then(written)))
