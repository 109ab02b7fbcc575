"""All evidence about dependencies in one ranking: which of them is at fault, and how much is theirs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.call_graph import CallGraph, Comparison
from incident_kit.diagnosis.culprits.kinds import kinds
from incident_kit.diagnosis.culprits.numbering import build_call_graph
from incident_kit.diagnosis.culprits.parts import failure_parts, time_parts
from incident_kit.diagnosis.culprits.sentences import evidence
from incident_kit.diagnosis.culprits.shares import Shares, excess_shares
from incident_kit.diagnosis.culprits.statedness import statement
from incident_kit.diagnosis.culprits.suspicion import Suspicion, suspicion
from incident_kit.measure.clock_skew import correct_clocks
from incident_kit.measure.error_origin import error_origins
from incident_kit.measure.rate_changes import Counts, rate_changes
from incident_kit.measure.samples import Ints
from incident_kit.measure.segments import Segments, build_segments
from incident_kit.measure.span_time import span_time
from incident_kit.schema import SPANS, TIME_NS, AnyFrame, conform
from incident_kit.window import Window
from incident_kit.wording import milliseconds, percent

UNEXPLAINED = "(unexplained)"

DEPENDENCIES = {
    "name": pl.String, "kind": pl.String, "score": pl.Float64, "share": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "stated": pl.Boolean, "evidence": pl.String,
}  # fmt: skip


def rank_dependencies(
    spans: AnyFrame,
    incident: Window,
    baseline: Window | Sequence[Window],
    *,
    kind: str | None = None,
) -> pl.DataFrame:
    """Rank every service, and every dependency that records no spans, by how likely it is at fault.

    `kind` says which excess the shares divide: failed requests if "errors", else time; if None, failed
    requests where their share surely rose. A trace belongs to the window in which it begins.

    Returns
    -------
    name, kind, score (0 to 1; above 0.5 is more than it takes to be named), share of the excess with its
    interval `low` to `high`, stated (the evidence separates it from chance and from its rivals), evidence
    (a sentence); sorted by score, `(unexplained)` last. Shares sum to 1, or are all 0 where the incident
    has no excess.

    Raises
    ------
    SchemaError
        If `spans` has a column of another type than the schema's.
    """
    baselines = [baseline] if isinstance(baseline, Window) else list(baseline)
    usual = pl.any_horizontal([window.covers("start") for window in baselines])
    timed = _timed(conform(spans, SPANS), incident, usual)
    found = build_segments(timed, usual)
    if found.segments.is_empty():
        return _ranked(_rest("no spans in the windows"), Shares(np.zeros(1), np.zeros(1), np.zeros(1), 0.0))
    graph, roots = build_call_graph(found), _roots(found, incident, usual)
    compared = Comparison(roots["incident"].to_numpy(), roots["baseline"].to_numpy())
    seen = suspicion(graph, compared)
    said = statement(graph, compared, _in_time(roots, "baseline"), seen.total)
    errors = kind == "errors" or (kind is None and _failures_rose(roots))
    shares = _shares(graph, roots, seen, _origins(timed, found) if errors else None)
    named = pl.DataFrame(
        {
            "name": graph.names,
            "kind": kinds(found, graph.names),
            "score": seen.total / (seen.total + said.needed),
            "stated": said.stated,
            "evidence": [evidence(graph, seen, of) for of in range(len(graph.names))],
        }
    )
    return _ranked(pl.concat([named, _rest(_excess(shares, errors=errors))]), shares)


def _timed(spans: pl.DataFrame, incident: Window, usual: pl.Expr) -> pl.DataFrame:
    """Return the spans of traces that begin in one of the windows, with the time each has on the path.

    Clocks are put right for incident and baseline apart: one that was set in between lies in neither.
    """
    inside = incident.covers("start")
    begins = spans.group_by("trace_id").agg(pl.col("start").min())
    parts = [
        correct_clocks(spans.join(begins.filter(traces), on="trace_id", how="semi"))
        for traces in (inside, usual & ~inside)
    ]
    return span_time(pl.concat(parts), correct_clocks=False)


def _roots(found: Segments, incident: Window, usual: pl.Expr) -> pl.DataFrame:
    """Return one row a trace, by number: start, operation (number), duration_ms, failed, which windows."""
    root = pl.col("root")
    begun = found.segments.group_by("trace").agg(
        pl.col("start").min().cast(TIME_NS),
        pl.col("duration_ms").filter(root).first().fill_null(0.0),
        pl.col("failed").filter(root).first().fill_null(value=False),
        pl.concat_str("service", "operation", separator=" ").filter(root).first().fill_null("").alias("name"),
    )
    inside = incident.covers("start")
    return begun.sort("trace").with_columns(
        operation=pl.col("name").rank("dense").cast(pl.Int64) - 1, incident=inside, baseline=usual & ~inside
    )


def _failures_rose(roots: pl.DataFrame) -> bool:
    before, after = (
        Counts(*(np.array([float(number)]) for number in (traces["failed"].sum(), len(traces), len(traces))))
        for traces in (roots.filter("baseline"), roots.filter("incident"))
    )
    return bool(rate_changes(before, after)[0] > 0)


def _origins(timed: pl.DataFrame, found: Segments) -> pl.DataFrame:
    return error_origins(timed).join(found.traces, on="trace_id").select("trace", "service", "callee")


def _shares(graph: CallGraph, roots: pl.DataFrame, seen: Suspicion, origins: pl.DataFrame | None) -> Shares:
    if origins is None:
        parts = time_parts(graph, roots, seen.callee_owns_wait)
    else:
        parts = failure_parts(graph, roots, origins, seen.callee_owns_failure)
    return excess_shares(parts, _in_time(roots, "incident"), _in_time(roots, "baseline"))


def _in_time(roots: pl.DataFrame, window: str) -> Ints:
    return roots.filter(window).sort("start")["trace"].to_numpy().astype(np.int64)


def _excess(shares: Shares, *, errors: bool) -> str:
    if shares.excess <= 0:
        return f"requests {'fail' if errors else 'take'} no more than before, so there is no excess to divide"
    if errors:
        return f"{percent(shares.excess)} more of the requests fail"
    return f"requests take {milliseconds(shares.excess)} longer on average"


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
