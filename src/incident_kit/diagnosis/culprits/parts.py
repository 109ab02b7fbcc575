"""Divide each trace's duration, or its failure, among the services and dependencies that account for it."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.call_graph import CallGraph
from incident_kit.diagnosis.culprits.graph.roots import Roots
from incident_kit.diagnosis.culprits.shares import OwnedAmounts
from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.calls.error_origin import error_origins
from incident_kit.measure.spans.span_tree import SpanTree


def time_parts(graph: CallGraph, roots: Roots, callee_owns: Floats) -> OwnedAmounts:
    """Return the parts of each trace's root duration (ms) along its critical path.

    A segment's own time belongs to its service. The wait on an edge is divided between caller and callee by
    the probability that the callee owns it (`callee_owns`, by edge). If `cart` waits 34 ms for `redis` and
    `callee_owns` is 0.67, `redis` gets 23 ms and `cart` gets 11 ms.
    """
    segments, calls = graph.segments, graph.calls
    theirs = callee_owns[calls.edge]
    trace = np.concatenate([segments.own.trace, calls.trace, calls.trace])
    amount = np.concatenate([segments.critical, calls.critical * theirs, calls.critical * (1 - theirs)])
    owner = np.concatenate([segments.by_service.key, graph.callee[calls.edge], graph.caller[calls.edge]])
    return _with_rest(graph, roots, (trace, owner, amount), roots.duration)


def failure_parts(
    graph: CallGraph, roots: Roots, tree: SpanTree, calls: pl.DataFrame | None, callee_owns: Floats
) -> OwnedAmounts:
    """Return the parts of each trace's failure. A failed root counts 1, charged to where the failure began.

    `calls` are those of `tree`, if they are known (see `error_origins`). An error that began on an edge is
    divided between caller and callee by `callee_owns`, by edge.
    """
    names = {name: number for number, name in enumerate(graph.names)}
    edges = pl.DataFrame({"caller": graph.caller, "other": graph.callee, "theirs": callee_owns})
    of_edge = edges.group_by("caller", "other").agg(pl.col("theirs").mean())
    known = (
        _origins(tree, calls)
        .select(
            "trace",
            pl.col("service").replace_strict(names, default=None, return_dtype=pl.Int64).alias("caller"),
            pl.col("callee").replace_strict(names, default=None, return_dtype=pl.Int64).alias("other"),
        )
        .drop_nulls("caller")
    )
    parted = known.join(of_edge, on=["caller", "other"], how="left").with_columns(
        pl.col("theirs").fill_null(0.0), pl.col("other").fill_null(pl.col("caller"))
    )
    trace, caller, other, theirs = (
        parted[name].to_numpy() for name in ("trace", "caller", "other", "theirs")
    )
    rows = (
        np.concatenate([trace, trace]),
        np.concatenate([other, caller]),
        np.concatenate([theirs, 1 - theirs]),
    )
    return _with_rest(graph, roots, rows, roots.failed.astype(float))


def _origins(tree: SpanTree, calls: pl.DataFrame | None) -> pl.DataFrame:
    """Return where each failed trace began to fail: trace (number), service, callee (null without one)."""
    numbers = tree.spans.select("trace_id")[tree.roots].with_columns(trace=pl.Series(tree.trace[tree.roots]))
    return error_origins(tree, calls).join(numbers, on="trace_id").select("trace", "service", "callee")


def _with_rest(
    graph: CallGraph, roots: Roots, known: tuple[Ints, Ints, Floats], whole: Floats
) -> OwnedAmounts:
    """Return the known parts, plus one more owner that takes what is left of each trace's whole."""
    trace, owner, amount = known
    rest = whole - np.bincount(trace, weights=amount, minlength=len(whole))
    return OwnedAmounts(
        trace=np.concatenate([trace, np.arange(len(whole))]),
        owner=np.concatenate([owner, np.full(len(whole), len(graph.names))]),
        amount=np.concatenate([amount, rest]),
        operation=roots.operation,
        owners=len(graph.names) + 1,
    )
