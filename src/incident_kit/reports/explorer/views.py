"""The data of the explorer: requests of a window and an endpoint, calls to a dependency, traces to open."""

from __future__ import annotations

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.calls.calls import calls
from incident_kit.plot.red import CALM
from incident_kit.reports.explorer.controls import ALL, clock_labels
from incident_kit.schema import REQUESTS, TIME_US, conform
from incident_kit.window import Window
from incident_kit.wording import milliseconds

MAX_ENDPOINTS = 30  # nobody reads a longer menu
MAX_TRACES = 12
MAX_NAMED = 3  # in an error


def endpoints(requests: pl.DataFrame, wanted: str = ALL) -> list[str]:
    """Return the busiest endpoints as `GET /x/{id}`, the busiest first, and the `wanted` one.

    Raises
    ------
    ParameterError
        If there is no request to the `wanted` endpoint.
    """
    counted = requests.group_by(_endpoint().alias("endpoint")).len().drop_nulls()
    ranked = counted.sort("len", "endpoint", descending=[True, False])["endpoint"].to_list()
    if wanted not in (ALL, *ranked):
        known = ", ".join(ranked[:MAX_NAMED]) or "no known endpoint"
        raise ParameterError(f"There is no request to {wanted}; there are requests to {known}.")
    busiest = ranked[:MAX_ENDPOINTS]
    return busiest if wanted in (ALL, *busiest) else [*busiest, wanted]


def dependencies(spans: pl.DataFrame) -> list[str]:
    """Return the names of what is called in the traces."""
    return [] if spans.is_empty() else calls(spans)["callee"].drop_nulls().unique().sort().to_list()


def chosen_requests(requests: pl.DataFrame, window: Window, endpoint: str = ALL) -> pl.DataFrame:
    """Return the requests of a window and of one endpoint, or of all."""
    rows = requests.filter(window.covers())
    return rows if endpoint == ALL else rows.filter(_endpoint() == endpoint)


def question(endpoint: str, dependency: str) -> str:
    """Return the question that a picture of the current choice answers."""
    if dependency == ALL:
        return CALM if endpoint == ALL else f"How did {endpoint} do?"
    calls_to = f"How did calls to {dependency} do"
    return f"{calls_to}?" if endpoint == ALL else f"{calls_to} in requests to {endpoint}?"


def spans_below(spans: pl.DataFrame, requests: pl.DataFrame, endpoint: str) -> pl.DataFrame:
    """Return the spans of the traces that request an endpoint, or of all traces."""
    if endpoint == ALL:
        return spans
    traces = requests.filter(_endpoint() == endpoint)["trace_id"].drop_nulls().unique()
    return spans.filter(pl.col("trace_id").is_in(traces.implode()))


def calls_as_requests(spans: pl.DataFrame, window: Window, dependency: str) -> pl.DataFrame:
    """Return the calls to a dependency as requests, so that they are measured and drawn in the same way."""
    rows = calls(spans).filter(pl.col("callee") == dependency)
    as_requests = rows.select(
        start_time=pl.col("start").cast(TIME_US),
        duration_ms="duration_ms",
        status=pl.when(pl.col("failed")).then(500).otherwise(200),
        route="operation",
        trace_id="trace_id",
    )
    return conform(as_requests.filter(window.covers()), REQUESTS)


def traces_to_open(rows: pl.DataFrame, spans: pl.DataFrame, tz: str = "UTC") -> list[tuple[str, str]]:
    """Return the slowest requests that have a trace: the text of the menu, and the trace id.

    Times are written in the zone `tz`.
    """
    known = spans["trace_id"].unique().implode()
    slowest = (
        rows.filter(pl.col("trace_id").is_in(known))
        .sort("duration_ms", "trace_id", descending=[True, False], nulls_last=True)
        .unique("trace_id", keep="first", maintain_order=True)
        .head(MAX_TRACES)
    )
    labels = clock_labels(slowest["start_time"].to_list(), tz)
    return [
        (f"{milliseconds(ms or 0.0)} at {label}, {trace[:8]}", trace)
        for label, ms, trace in zip(labels, slowest["duration_ms"], slowest["trace_id"], strict=True)
    ]


def _endpoint() -> pl.Expr:
    return pl.concat_str("method", "route", separator=" ", ignore_nulls=True)
