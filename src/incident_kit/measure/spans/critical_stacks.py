"""Aggregate the critical-path time of many traces by stack of operations, for a flame graph."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import polars as pl

from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows
from incident_kit.measure.spans.span_time import critical_ns
from incident_kit.measure.spans.span_tree import AnySpans, SpanTree, span_tree
from incident_kit.schema import OPERATION

STACKS: pl.Schema = pl.Schema(
    [("stack", pl.List(pl.String)), ("self_ms", pl.Float64()), ("total_ms", pl.Float64())]
)
# Deepest level of a stack. Deeper spans count at this level, because nobody reads more levels in a picture,
# and a trace made to be deep may have a hundred thousand.
MAX_DEPTH = 100


def critical_stacks(spans: AnySpans) -> pl.DataFrame:
    """Return critical-path time by stack of operations, for a flame graph.

    One row for each stack: `stack` (list of "service: name" from the root), `self_ms` (on the critical path,
    per trace), `total_ms` (including everything below it, per trace).
    """
    tree = on_one_clock(span_tree(spans))
    critical = critical_ns(tree)
    number, stacks = _stacks(tree)
    placed = number != NO_PARENT
    own = np.bincount(number[placed], weights=critical[placed], minlength=len(stacks))
    traces = max(tree.spans["trace_id"].n_unique(), 1)
    total: dict[tuple[str, ...], float] = defaultdict(float)
    alone: dict[tuple[str, ...], float] = defaultdict(float)
    for stack, nanoseconds in zip(stacks, own, strict=True):
        alone[stack] += nanoseconds / traces / NS_PER_MS
        for depth in range(1, len(stack) + 1 if nanoseconds else 1):
            total[stack[:depth]] += nanoseconds / traces / NS_PER_MS
    rows = [(list(stack), alone[stack], milliseconds) for stack, milliseconds in sorted(total.items())]
    return pl.DataFrame(rows, schema=STACKS, orient="row")


def compare_stacks(baseline: AnySpans, incident: AnySpans) -> pl.DataFrame:
    """Return the stacks of both sides: [stack, self_ms, total_ms, baseline_ms, difference_ms, only].

    `self_ms` and `total_ms` belong to the incident, `baseline_ms` is the baseline's total. `only` names the
    side that has the stack if the other one lacks it.
    """
    before = critical_stacks(baseline).select("stack", baseline_ms="total_ms")
    both = critical_stacks(incident).join(before, on="stack", how="full", coalesce=True)
    only = (
        pl.when(pl.col("total_ms").is_null())
        .then(pl.lit("baseline"))
        .when(pl.col("baseline_ms").is_null())
        .then(pl.lit("incident"))
    )
    filled = both.with_columns(only.alias("only")).with_columns(
        pl.col("self_ms", "total_ms", "baseline_ms").fill_null(0)
    )
    return (
        filled.with_columns(difference_ms=pl.col("total_ms") - pl.col("baseline_ms"))
        .select("stack", "self_ms", "total_ms", "baseline_ms", "difference_ms", "only")
        .sort("stack")
    )


def _stacks(tree: SpanTree) -> tuple[Rows, list[tuple[str, ...]]]:
    """Return the number of each span's stack (-1 outside the roots' time), and the stacks by number.

    The stacks are built level by level from the roots: a stack is its parent's stack plus one operation.
    """
    label = tree.spans.select(pl.concat_str(*OPERATION, separator=": ", ignore_nulls=True)).to_series()
    names = label.unique().sort()
    operation = names.search_sorted(label).to_numpy().astype(np.int64)
    number = np.full(tree.parent.size, NO_PARENT)
    stacks: list[tuple[str, ...]] = []
    level, waiting = tree.roots, np.flatnonzero(tree.awaited)
    for _ in range(MAX_DEPTH):
        if not level.size:
            break
        is_root = tree.parent[level] == NO_PARENT
        above = np.where(is_root, NO_PARENT, number[tree.parent[level]])
        pairs, which = np.unique(np.stack([above, operation[level]]), axis=1, return_inverse=True)
        number[level] = len(stacks) + which.ravel()
        stacks += [(*(stacks[stack] if stack >= 0 else ()), names[name]) for stack, name in pairs.T.tolist()]
        reached = number[tree.parent[waiting]] != NO_PARENT
        level, waiting = waiting[reached], waiting[~reached]
    return _with_deeper(number, tree), stacks


def _with_deeper(number: Rows, tree: SpanTree) -> Rows:
    """Give each span below the deepest stacks the number of its nearest ancestor that has one.

    Pointer doubling finds these ancestors, so the number of steps is the logarithm of the depth.
    """
    above = np.where(tree.awaited, tree.parent, np.arange(tree.parent.size))
    for _ in range(int(number.size).bit_length()):
        number, above = np.where(number == NO_PARENT, number[above], number), above[above]
    return number
