"""Choose traces that illustrate a finding: the most typical ones, not the most extreme."""

from __future__ import annotations

import polars as pl

from incident_kit.schema import SPANS, AnyFrame, Column, conform

TRACES = 3


def typical_traces(
    found: AnyFrame, value: str, *, count: int = TRACES, trace_url: str | None = None
) -> pl.DataFrame:
    """Return the traces whose `value` lies nearest to the median, the nearest first.

    `found` holds `trace_id` and `value` in one or more rows for each trace; the largest value represents the
    trace. `trace_url` is a template such as `https://tracing.example/trace/{trace_id}`. With it, the result
    has the column `link` in addition to `trace_id` and `value`.

    Raises
    ------
    SchemaError
        If a column is absent, or `value` has no numbers.
    """
    wanted = {"trace_id": SPANS["trace_id"], value: Column(pl.Float64, "The value to be typical of.")}
    given = conform(found, wanted, required=tuple(wanted))
    by_trace = given.drop_nulls().group_by("trace_id").agg(pl.col(value).max())
    distance = (pl.col(value) - pl.col(value).median()).abs()
    nearest = by_trace.sort(distance, "trace_id").head(count)
    if trace_url is None:
        return nearest
    links = [trace_url.replace("{trace_id}", trace_id) for trace_id in nearest["trace_id"]]
    return nearest.with_columns(link=pl.Series(links, dtype=pl.String))
