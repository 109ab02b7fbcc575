"""All evidence about dependencies in one ranking: which of them is at fault, and how much is theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.call_graph import Comparison, build_call_graph
from incident_kit.diagnosis.culprits.kinds import kinds
from incident_kit.diagnosis.culprits.parts import time_parts
from incident_kit.diagnosis.culprits.sentences import evidence
from incident_kit.diagnosis.culprits.shares import Shares, excess_shares
from incident_kit.diagnosis.culprits.statedness import statement
from incident_kit.diagnosis.culprits.suspicion import suspicion
from incident_kit.measure.segments import Segments, build_segments
from incident_kit.measure.surprise import Ints
from incident_kit.schema import SPANS, TIME_NS, AnyFrame, conform
from incident_kit.window import Window
from incident_kit.wording import milliseconds

UNEXPLAINED = "(unexplained)"

DEPENDENCIES = {
    "name": pl.String, "kind": pl.String, "score": pl.Float64, "share": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "stated": pl.Boolean, "evidence": pl.String,
}  # fmt: skip


def rank_dependencies(spans: AnyFrame, incident: Window, baseline: Window | Sequence[Window]) -> pl.DataFrame:
    """Rank every service, and every dependency that records no spans, by how likely it is at fault.

    Returns
    -------
    name, kind, score (0 to 1; above 0.5 is more than chance makes of the baseline), share of the excess
    with its interval `low` to `high`, stated (the evidence separates it from chance and from its rivals),
    evidence (a sentence); sorted by score, `(unexplained)` last. Shares sum to 1, or are all 0 where the
    incident has no excess.

    Raises
    ------
    SchemaError
        If `spans` has a column of another type than the schema's.
    """
    baselines = [baseline] if isinstance(baseline, Window) else list(baseline)
    usual = pl.any_horizontal([window.covers("start") for window in baselines])
    found = build_segments(_within(conform(spans, SPANS), incident, usual), usual)
    if found.segments.is_empty():
        return _ranked(_rest("no spans in the windows"), Shares(np.zeros(1), np.zeros(1), np.zeros(1), 0.0))
    graph, traces = build_call_graph(found), _traces(found, incident, usual)
    compared = Comparison(traces["incident"].to_numpy(), traces["baseline"].to_numpy())
    seen = suspicion(graph, compared)
    said = statement(graph, compared, _in_time(traces, "baseline"), seen.total)
    parts = time_parts(graph, traces, seen.callee_owns_wait)
    shares = excess_shares(parts, _in_time(traces, "incident"), _in_time(traces, "baseline"))
    named = pl.DataFrame(
        {
            "name": graph.names,
            "kind": kinds(found, graph.names),
            "score": seen.total / (seen.total + said.needed),
            "stated": said.stated,
            "evidence": [evidence(graph, seen, of) for of in range(len(graph.names))],
        }
    )
    return _ranked(pl.concat([named, _rest(_excess(shares))]), shares)


def _rest(said: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"name": UNEXPLAINED, "kind": "unknown", "score": 0.0, "stated": False, "evidence": said}
    )


def _ranked(named: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    return (
        named.with_columns(share=shares.share, low=shares.low, high=shares.high)
        .sort(pl.col("name") == UNEXPLAINED, -pl.col("score"), maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in DEPENDENCIES.items())
    )


def _within(spans: pl.DataFrame, incident: Window, usual: pl.Expr) -> pl.DataFrame:
    """Return the spans of traces that begin in one of the windows."""
    begins = spans.group_by("trace_id").agg(pl.col("start").min()).filter(incident.covers("start") | usual)
    return spans.join(begins, on="trace_id", how="semi")


def _traces(found: Segments, incident: Window, usual: pl.Expr) -> pl.DataFrame:
    """Return one row a trace, in order of its number: start, root operation, duration, which windows."""
    root = pl.col("root")
    begun = found.segments.group_by("trace").agg(
        pl.col("start").min().cast(TIME_NS),
        pl.col("duration_ms").filter(root).max().fill_null(0.0),
        pl.concat_str("service", "operation", separator=" ").filter(root).first().fill_null("").alias("name"),
    )
    numbered = begun.with_columns(operation=pl.col("name").rank("dense").cast(pl.Int64) - 1)
    inside = incident.covers("start")
    return numbered.sort("trace").with_columns(incident=inside, baseline=usual & ~inside)


def _in_time(traces: pl.DataFrame, window: str) -> Ints:
    return traces.filter(window).sort("start")["trace"].to_numpy().astype(np.int64)


def _excess(shares: Shares) -> str:
    if shares.excess > 0:
        return f"requests take {milliseconds(shares.excess)} longer on average"
    return "requests take no longer than before, so there is no excess to divide"
