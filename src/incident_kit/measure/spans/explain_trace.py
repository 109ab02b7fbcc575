"""Compare one trace with all others: which of its spans are slower than usual for their operation."""

from __future__ import annotations

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.span_time import span_time
from incident_kit.measure.spans.span_tree import AnySpans, span_tree
from incident_kit.schema import OPERATION

# Quantiles that bound the usual range: nine in ten spans of an operation lie within it.
USUAL = (0.05, 0.95)
ALIKE = (*OPERATION, "kind")
ID_DIGITS = 32


def explain_trace(spans: AnySpans, trace_id: str) -> pl.DataFrame:
    """Return the spans of one trace with the usual times of their operations, the most unusual first.

    Columns: `order` (down the tree) and `depth`, `service`, `name`, `kind`, `status`, `peer`, `begin_ms`
    (since the root's start), `duration_ms`, `self_ms`, `critical_ms`. For the operation's spans in the other
    traces: `seen` (their number), `usual_low_ms`, `usual_ms`, `usual_high_ms` (5th percentile, median and
    95th percentile of the duration), `usual_self_ms`, `usual_self_high_ms`. Finally `excess_ms` (self time
    beyond its median; null for an operation that no other trace has) and `unusual` (self time beyond its 95th
    percentile).

    Raises
    ------
    ParameterError
        If no span has that trace id, or it is none.
    """
    if not isinstance(trace_id, str):
        raise ParameterError(f"{trace_id!r} is no trace id; give the text of one, as the spans have it.")
    timed = span_time(spans)
    wanted = trace_id.lower().zfill(ID_DIGITS)
    is_trace = pl.col("trace_id").is_in([trace_id, wanted])
    trace = timed.filter(is_trace)
    if trace.is_empty():
        raise ParameterError(
            f"No span belongs to trace {trace_id}; the spans have {timed['trace_id'].n_unique():,} others."
        )
    usual = _usual_times(timed.filter(~is_trace))
    return (
        _down_the_tree(trace)
        .join(usual, on=ALIKE, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            excess_ms=pl.col("self_ms") - pl.col("usual_self_ms"),
            unusual=pl.col("self_ms") > pl.col("usual_self_high_ms"),
        )
        .select(
            "order", "depth", *ALIKE, "status", "peer",
            "begin_ms", "duration_ms", "self_ms", "critical_ms",
            "seen", "usual_low_ms", "usual_ms", "usual_high_ms", "usual_self_ms", "usual_self_high_ms",
            "excess_ms", "unusual",
        )
        .sort("excess_ms", "order", descending=[True, False], nulls_last=True)
    )  # fmt: skip


def _usual_times(others: pl.DataFrame) -> pl.DataFrame:
    """Return for each operation its number of spans in other traces, and quantiles of their times in ms."""
    duration, own = pl.col("duration_ms"), pl.col("self_ms")
    return others.group_by(ALIKE).agg(
        seen=pl.len(),
        usual_low_ms=duration.quantile(USUAL[0]),
        usual_ms=duration.median(),
        usual_high_ms=duration.quantile(USUAL[1]),
        usual_self_ms=own.median(),
        usual_self_high_ms=own.quantile(USUAL[1]),
    )


def _down_the_tree(trace: pl.DataFrame) -> pl.DataFrame:
    """Return a trace's spans in reading order: each below its parent, siblings by start, the root first.

    Adds `order`, `depth` and `begin_ms`; a span without a start is taken to begin with its trace.
    """
    tree = span_tree(trace)
    children: dict[int, list[int]] = {}
    for row in tree.start.argsort(kind="stable").tolist():
        children.setdefault(int(tree.parent[row]), []).append(row)
    root = int(tree.roots[0])
    waiting = [(row, 0) for row in [root, *(top for top in children[-1] if top != root)]][::-1]
    order: list[tuple[int, int]] = []
    while waiting:
        row, depth = waiting.pop()
        order.append((row, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(row, []))]
    rows, depths = zip(*order, strict=True)
    begin = pl.Series(tree.start[list(rows)] - tree.start[root])
    # The trace's own rows, whose peers were named in the light of all traces.
    return trace[list(rows)].with_columns(
        order=pl.int_range(pl.len()), depth=pl.Series(depths), begin_ms=begin / NS_PER_MS
    )
