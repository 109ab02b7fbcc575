"""Traces that show a finding: those most like what was found, not the most extreme of them."""

from __future__ import annotations

import polars as pl

from incident_kit.schema import AnyFrame, to_polars

TRACES = 3


def typical_traces(
    found: AnyFrame, value: str, *, count: int = TRACES, trace_url: str | None = None
) -> pl.DataFrame:
    """Return the traces whose `value` lies nearest to the median, the nearest first.

    `found` holds `trace_id` and `value`, a row or more a trace (of several the largest stands for the trace).
    `trace_url` is a template such as `https://tracing.example/trace/{trace_id}`; the result then has `link`
    beside `trace_id` and `value`.
    """
    by_trace = to_polars(found).drop_nulls(["trace_id", value]).group_by("trace_id").agg(pl.col(value).max())
    distance = (pl.col(value) - pl.col(value).median()).abs()
    nearest = by_trace.sort(distance, "trace_id").head(count)
    if trace_url is None:
        return nearest
    links = [trace_url.replace("{trace_id}", trace_id) for trace_id in nearest["trace_id"]]
    return nearest.with_columns(link=pl.Series(links, dtype=pl.String))
