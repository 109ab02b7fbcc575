"""Estimate the benefit of a faster operation: slack, drag, and projected latencies.

The *drag* of an operation is how much sooner the root would end without the operation's own work. It is less
than the operation's time on the critical path if another child would hold the root instead. The *slack* is
how much later the operation could end without delaying the root. Both follow CRISP's slack and drag;
`retiming` holds the model. For example, a root calls A for 50 ms and B for 40 ms in parallel. A has 50 ms on
the critical path, but a drag of only 10 ms, because without A the root waits for B. B has a slack of 10 ms.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.parent_rows import NO_PARENT
from incident_kit.measure.spans.retiming import Schedule, retimed, schedule, slack_ns
from incident_kit.measure.spans.span_time import critical_ns
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree
from incident_kit.schema import OPERATION

# Each operation needs a retiming of all traces, and beyond the top 20 little of the critical path is left.
OPERATIONS = 20
QUANTILES = (50, 95, 99)


def slack_and_drag(spans: AnySpans, *, operations: int = OPERATIONS) -> pl.DataFrame:
    """Return slack and drag of the operations with the most critical-path time.

    One row for each operation: `service`, `name`, `critical_ms` and `drag_ms` (per trace, averaged over all
    traces), `slack_ms` (median over the operation's spans), `spans`. The largest drag comes first.
    """
    tree = on_one_clock(span_tree(spans))
    timing = schedule(tree)
    top = (
        tree.spans.select(
            *OPERATION,
            critical_ms=pl.Series(critical_ns(tree) / NS_PER_MS),
            slack_ms=pl.Series(slack_ns(timing) / NS_PER_MS),
        )
        .group_by(OPERATION)
        .agg(pl.col("critical_ms").sum() / tree.roots.size, pl.col("slack_ms").median(), spans=pl.len())
        .sort("critical_ms", *OPERATION, descending=[True, False, False])
        .head(operations)
    )
    drags = [_drag_ms(tree, timing, *operation) for operation in top.select(OPERATION).iter_rows()]
    return (
        top.with_columns(pl.Series("drag_ms", drags, dtype=pl.Float64))
        .select(*OPERATION, "critical_ms", "drag_ms", "slack_ms", "spans")
        .sort("drag_ms", *OPERATION, descending=[True, False, False])
    )


def _drag_ms(tree: SpanTree, timing: Schedule, service: str, name: str) -> float:
    """Return by how much a trace would be shorter on average if an operation took no time."""
    work = np.where(_is_operation(tree, service, name), 0.0, 1.0)
    nothing = np.zeros(tree.parent.size)
    gained = timing.length[tree.roots] - retimed(timing, work, nothing)[tree.roots]
    return float(gained.sum()) / NS_PER_MS / tree.roots.size


def what_if(spans: AnySpans, *, service: str, name: str | None = None, faster_ms: float) -> pl.DataFrame:
    """Return the latencies of the entry operations if every request to a service had been faster.

    `faster_ms` is subtracted from each of the service's entry spans (or its spans called `name`), down to 0.
    One row for each entry operation: `service`, `name`, `requests`, `affected` (requests that reach the
    service), and for the median, p95 and p99 a pair such as `p95_ms` and `p95_projected_ms`. The most
    affected comes first.

    Raises
    ------
    ParameterError
        If no span is of that service and name, or `faster_ms` is negative.
    """
    if faster_ms < 0:
        raise ParameterError(f"faster_ms is {faster_ms}; give the ms saved, 0 or more.")
    tree = on_one_clock(span_tree(spans))
    chosen = _outermost(tree, _is_operation(tree, service, name))
    if not chosen.any():
        raise ParameterError(f"No span is of {service}{f' {name}' if name else ''}; check the spelling.")
    timing = schedule(tree)
    saving = np.where(chosen, faster_ms * NS_PER_MS, 0.0)
    projected = retimed(timing, np.ones(tree.parent.size), saving)
    reached = tree.spans.filter(pl.Series(chosen))["trace_id"].unique().implode()
    return _projection(tree, projected, reached)


def _projection(tree: SpanTree, projected: Floats, reached: pl.Series) -> pl.DataFrame:
    roots = tree.spans[tree.roots].with_columns(projected=pl.Series(projected[tree.roots] / NS_PER_MS))
    quantiles = {
        f"p{percent}{suffix}_ms": pl.col(column).quantile(percent / 100)
        for percent in QUANTILES
        for suffix, column in (("", "duration_ms"), ("_projected", "projected"))
    }
    return (
        roots.group_by(OPERATION)
        .agg(requests=pl.len(), affected=pl.col("trace_id").is_in(reached).sum(), **quantiles)
        .sort("affected", *OPERATION, descending=[True, False, False])
    )


def _is_operation(tree: SpanTree, service: str, name: str | None) -> Bools:
    of_service = tree.spans["service"].eq_missing(service)
    is_named = of_service & tree.spans["name"].eq_missing(name) if name is not None else of_service
    return is_named.to_numpy()


def _outermost(tree: SpanTree, chosen: Bools) -> Bools:
    """Return the chosen spans whose parent is not chosen, so that nothing is saved twice."""
    below: Bools = (tree.parent != NO_PARENT) & chosen[tree.parent]
    return chosen & ~below
