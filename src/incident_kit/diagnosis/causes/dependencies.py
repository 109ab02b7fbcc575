"""Rank the dependencies by all evidence: which of them is at fault, and how much of the excess is theirs.

For the example of `culprits.suspicion` with a slow redis the ranking is:

    name             score   share     low    high   stated   evidence
    redis             0.93    0.67    0.67    0.68   yes      calls to it from cart take 34 ms where ...
    cart              0.86    0.33    0.32    0.33   no       its calls to redis take 34 ms where they ...
    web                  0       0   -0.01    0.00   no       nothing about it changed beyond chance
    (unexplained)        0       0       0       0   no       what is left of 32 ms that a request ...

The score ranks by evidence; the share divides the extra time. A name is `stated` as the cause only if its
evidence exceeds both chance and that against its rivals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.numbering import build_call_graph
from incident_kit.diagnosis.culprits.graph.roots import failures_rise, trace_roots
from incident_kit.diagnosis.culprits.graph.windowed_traces import windowed_traces
from incident_kit.diagnosis.culprits.kinds import kinds
from incident_kit.diagnosis.culprits.parts import failure_parts, time_parts
from incident_kit.diagnosis.culprits.sentences import evidence_sentence
from incident_kit.diagnosis.culprits.shares import Shares, excess_shares
from incident_kit.diagnosis.culprits.statedness import Judgement, judgement
from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.calls.segments import build_segments
from incident_kit.measure.spans.span_tree import SpanTree, span_tree
from incident_kit.schema import AnyFrame
from incident_kit.window import Window
from incident_kit.wording import UNEXPLAINED, milliseconds, points

DEPENDENCIES = {
    "name": pl.String, "kind": pl.String, "score": pl.Float64, "share": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "stated": pl.Boolean, "evidence": pl.String, "objection": pl.String,
}  # fmt: skip


class Ranking(NamedTuple):
    """The table of `rank_dependencies`, and the pieces of evidence against each name, the strongest first.

    The pieces are those of `culprits.suspicion`. A ranking made from a log alone has none.
    """

    table: pl.DataFrame
    pieces: Mapping[str, Sequence[str]]


def rank_dependencies(
    spans: AnyFrame | SpanTree,
    incident: Window,
    baseline: Window | Sequence[Window],
    *,
    kind: str | None = None,
) -> pl.DataFrame:
    """Rank every service, and every dependency that records no spans, by how likely it is at fault.

    `kind` says which excess the shares divide: failed requests if "errors", else time; if None, failed
    requests if their share surely rose. A trace belongs to the window in which it begins.

    Returns
    -------
    name, kind, score (0 to 1; above 0.5 it exceeds what it takes to be stated), share of the excess with its
    interval `low` to `high`, stated (the evidence separates it from chance and from its rivals), evidence
    (a sentence), objection (why it is not stated in spite of that; null without one); sorted by score,
    `(unexplained)` last. Shares sum to 1, or are all 0 where the incident has no excess.

    Raises
    ------
    SchemaError
        If `spans` lacks trace_id, span_id, start or duration_ms, or has a column of another type than the
        schema's.
    """
    return ranked_dependencies(spans, incident, baseline, kind=kind).table


def ranked_dependencies(
    spans: AnyFrame | SpanTree,
    incident: Window,
    baseline: Window | Sequence[Window],
    *,
    kind: str | None = None,
    calls: Callable[[], pl.DataFrame] | None = None,
    possible: Callable[[str], bool] | None = None,
) -> Ranking:
    """Return the table of `rank_dependencies`, and the pieces of evidence that it rests on.

    `calls` returns the failed calls of a table of `ik.calls`, if the caller has them anyway. A name that is
    not `possible`, because the bad requests never pass through it, is neither stated nor a rival.
    """
    baselines = [baseline] if isinstance(baseline, Window) else list(baseline)
    traces = windowed_traces(span_tree(spans), incident, baselines)
    found = build_segments(traces.tree, traces.baseline[traces.tree.trace], critical=kind != "errors")
    if found.operations.is_empty():
        nothing = Shares(np.zeros(1), np.zeros(1), np.zeros(1), 0.0)
        return Ranking(_ranked(_rest("no spans in the windows"), nothing), {})
    graph, roots = build_call_graph(found), trace_roots(found, traces)
    baseline_traces, incident_traces = traces.in_time(traces.baseline), traces.in_time(traces.incident)
    able = np.array([possible is None or possible(name) for name in graph.names])
    rise = np.array(failures_rise(roots, traces, graph.comparisons))
    judged = judgement(graph, incident_traces, baseline_traces, able, float(graph.loss_effect(rise)))
    errors = kind == "errors" or (kind is None and failures_rise(roots, traces) > 0)
    if errors:
        owns, known = judged.ranking_suspicion.callee_owns_failure, calls() if calls else None
        amounts = failure_parts(graph, roots, traces.tree, known, owns)
    else:
        amounts = time_parts(graph, roots, judged.ranking_suspicion.callee_owns_wait)
    shares = excess_shares(amounts, incident_traces, baseline_traces)
    pieces_of = [judged.ranking_suspicion.pieces.strongest(number) for number in range(len(graph.names))]
    named = _judged(graph, judged, able, pieces_of).with_columns(kind=pl.Series(kinds(found, graph)))
    rest = _rest(_excess(shares, errors=errors))
    table = _ranked(pl.concat([named.select(rest.columns), rest]), shares)
    return Ranking(table, dict(zip(graph.names, pieces_of, strict=True)))


def _judged(graph: CallGraph, judged: Judgement, able: Bools, pieces_of: Sequence[list[str]]) -> pl.DataFrame:
    """Return name, score, stated and evidence of every service and dependency in the graph."""
    total = judged.ranking_suspicion.total
    # Beside an established cause, a name that cannot be the cause is no longer a candidate.
    score = np.where(able | ~judged.stated.any(), total / (total + judged.needed), 0.0)
    said = [
        evidence_sentence(graph, judged.ranking_suspicion, number, pieces)
        for number, pieces in enumerate(pieces_of)
    ]
    return pl.DataFrame({"name": graph.names, "score": score, "stated": judged.stated, "evidence": said})


def _excess(shares: Shares, *, errors: bool) -> str:
    if shares.excess <= 0:
        return f"requests {'fail' if errors else 'take'} no more than before, so there is no excess to divide"
    if errors:
        return f"what is left of {points(shares.excess)} more failed requests"
    return f"what is left of {milliseconds(shares.excess)} that a request takes longer on average"


def _rest(said: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"name": UNEXPLAINED, "kind": "unknown", "score": 0.0, "stated": False, "evidence": said}
    )


def _ranked(named: pl.DataFrame, shares: Shares) -> pl.DataFrame:
    return (
        named.with_columns(share=shares.share, low=shares.low, high=shares.high, objection=None)
        .sort(pl.col("name") == UNEXPLAINED, -pl.col("score"), maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in DEPENDENCIES.items())
    )
