"""Segments: the stretches of work of one service, and the calls that lead from one to the next.

Time is taken per segment, not per span: frameworks put childless sibling spans around the real call,
and their self time is noise. A segment is a maximal parent-linked group of spans of one service; its
top span is the entry. A call is a span that waits for another service, or for a dependency that
records no spans of its own (a blind call, see `measure.blind_calls`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.measure.blind_calls import CALLING_KINDS, blind_calls

Ints = npt.NDArray[np.int64]

SERVING_KINDS = ["server", "consumer"]

MAX_DOUBLINGS = 24
"""Pointer doublings until every span knows its entry: 2^24 levels; it also ends a cycle of parents."""

NS_PER_MS = 1e6

SERVER_ERROR = 500
"""The least HTTP status that says the server failed, also where the span's own status is unset."""


@dataclass(frozen=True)
class Segments:
    """The segments of a set of spans and the calls between them; both in the order of the spans.

    `traces`: trace (number), trace_id.

    `segments`: segment, trace (both numbers), start (ns), service, operation, root (no parent in the
    data), duration_ms, own_ms (duration without the union of its calls), callees (a hash of the set of
    those called), critical_ms (on the trace's critical path, without its calls), failed, origin (failed,
    and none of its calls did), failed_call (one of its calls did).

    `calls`: segment (the caller's), callee_segment (null if blind), trace, start (ns), caller, callee,
    operation (the callee's, the call's own if blind), duration_ms, critical_ms, gap_ms (before_ms +
    after_ms: the call's time outside the callee; null if blind or not known), before_ms, after_ms, failed,
    origin (failed, and the callee did not), database (the call's attributes name a database system),
    named_by_peer (a blind call whose span names its peer).

    `inner`: segment, name of every operation within it, once each, that is neither its entry nor a call.
    """

    traces: pl.DataFrame
    segments: pl.DataFrame
    calls: pl.DataFrame
    inner: pl.DataFrame


def build_segments(spans: pl.DataFrame, usual: pl.Expr | None = None) -> Segments:
    """Return the segments and calls of `spans`, a SPANS frame; times in ms, starts in ns.

    Where it has `critical_ms` (see `measure.span_time`), that is divided among segments and calls.
    `usual` selects the spans of undisturbed times; which childless spans are calls that nobody answered
    is learnt from those.
    """
    linked = _link(spans.with_columns(usual=True if usual is None else usual))
    top = _entries(linked)
    linked = linked.with_columns(segment=top, entry=pl.Series(top) == pl.col("span"))
    calls = pl.concat([_answered_calls(linked), blind_calls(linked)], how="diagonal")
    return _assemble(linked, calls.sort("segment", "start", "end"))


def _link(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans numbered and joined with their parents; one delivered twice counts once."""
    start = pl.col("start").cast(pl.Int64)
    critical = pl.col("critical_ms") if "critical_ms" in spans.columns else pl.lit(0.0).alias("critical_ms")
    failed = (pl.col("status") == "error") | (pl.col("http_status") >= SERVER_ERROR)
    numbered = (
        spans.filter(pl.col("start").is_not_null(), pl.col("duration_ms").is_not_null())
        .unique(["trace_id", "span_id"], keep="first", maintain_order=True)
        .with_row_index("span")
        .select(
            "trace_id", "span_id", "parent_span_id", "name", "kind", "peer", "attributes", "usual", critical,
            pl.col("span").cast(pl.Int64),
            pl.col("service").fill_null("(unknown)"),
            pl.col("trace_id").rank("dense").cast(pl.Int64).sub(1).alias("trace"),
            start,
            (start + (pl.col("duration_ms").clip(0) * NS_PER_MS).cast(pl.Int64)).alias("end"),
            failed.fill_null(value=False).alias("failed"),
        )
    )  # fmt: skip
    parents = numbered.select(
        "trace_id",
        parent_span_id="span_id",
        parent="span",
        parent_service="service",
        parent_kind="kind",
    )
    return numbered.join(parents, on=["trace_id", "parent_span_id"], how="left", maintain_order="left")


def _entries(linked: pl.DataFrame) -> Ints:
    """Return for each span the number of its segment's entry, by pointer doubling."""
    # A service that calls itself over the network begins a new segment.
    crosses = pl.col("kind").is_in(SERVING_KINDS) & pl.col("parent_kind").is_in(CALLING_KINDS)
    local = (pl.col("service") == pl.col("parent_service")) & ~crosses.fill_null(value=False)
    up = pl.when(local.fill_null(value=False)).then("parent").otherwise("span")
    top: Ints = linked.select(up).to_series().to_numpy().astype(np.int64)
    for _ in range(MAX_DOUBLINGS):
        higher = top[top]
        if np.array_equal(higher, top):
            break
        top = higher
    return top


def _answered_calls(linked: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each entry that has a caller's span.

    The parent is the call itself, with time before and after, if it is a client; or, where kinds are
    unknown, if it is inside its segment and has that entry as its only child. Otherwise (a server span
    with callees right below it) the callee's interval stands for the call, and the gap is unknown.
    """
    callees = linked.filter("entry", pl.col("parent").is_not_null()).select(
        "parent", "trace", callee_segment="span", callee="service", operation="name",
        callee_start="start", callee_end="end", callee_failed="failed",
    )  # fmt: skip
    children = linked.group_by("parent").agg(only=pl.len() == 1)
    outer = callees.group_by("parent").agg(
        first=pl.col("callee_start").min(),
        last=pl.col("callee_end").max(),
        longest=pl.col("callee_segment").sort_by(pl.col("callee_end") - pl.col("callee_start")).last(),
    )
    callers = linked.select(
        "segment", "start", "end", "failed", "kind", caller="service", parent="span", inside=~pl.col("entry")
    )
    unlabelled = pl.col("kind").is_null() & pl.col("inside") & pl.col("only")
    pure = pl.col("kind").is_in(CALLING_KINDS).fill_null(value=False) | unlabelled
    known = pure & (pl.col("longest") == pl.col("callee_segment"))
    failed = pl.when(pure).then("failed").otherwise("callee_failed")
    return (
        callees.join(callers, on="parent", how="left")
        .join(outer, on="parent", how="left")
        .join(children, on="parent", how="left")
        .select(
            "segment", "callee_segment", "trace", "caller", "callee", "operation",
            pl.when(known).then("parent").alias("span"),
            pl.when(pure).then("start").otherwise("callee_start").alias("start"),
            pl.when(pure).then("end").otherwise("callee_end").alias("end"),
            pl.when(known).then((pl.col("first") - pl.col("start")) / NS_PER_MS).alias("before_ms"),
            pl.when(known).then((pl.col("end") - pl.col("last")) / NS_PER_MS).alias("after_ms"),
            (failed | pl.col("callee_failed")).alias("failed"),
            (failed & ~pl.col("callee_failed")).alias("origin"),
        )
    )  # fmt: skip


def _assemble(linked: pl.DataFrame, calls: pl.DataFrame) -> Segments:
    """Return the frames, own time, critical time and failures of each segment told from its calls."""
    calls = calls.join(linked.select("span", "critical_ms"), on="span", how="left", maintain_order="left")
    within = linked.join(calls.select("span").drop_nulls(), on="span", how="anti")
    critical = within.group_by("segment").agg(pl.col("critical_ms").sum())
    duration = pl.col("end") - pl.col("start")
    no = {"callees": 0, "critical_ms": 0.0, "failed_call": False, "waited": 0}
    segments = (
        linked.filter("entry")
        .join(_waits(linked, calls), on="segment", how="left", maintain_order="left")
        .drop("critical_ms")
        .join(critical, on="segment", how="left", maintain_order="left")
        .with_columns(pl.col(name).fill_null(value) for name, value in no.items())
        .select(
            "segment", "trace", "start", "service", "callees", "critical_ms", "failed", "failed_call",
            operation="name",
            root=pl.col("parent").is_null(),
            duration_ms=duration / NS_PER_MS,
            own_ms=(duration - pl.col("waited")) / NS_PER_MS,
            origin=pl.col("failed") & ~pl.col("failed_call"),
        )
    )  # fmt: skip
    return Segments(
        linked.select("trace", "trace_id").unique().sort("trace"),
        segments,
        calls.select(
            "segment", "callee_segment", "trace", "start", "caller", "callee", "operation",
            "before_ms", "after_ms", "failed", "origin",
            pl.col("critical_ms").fill_null(0.0),
            pl.col("database", "named_by_peer").fill_null(value=False),
            duration_ms=duration / NS_PER_MS,
            gap_ms=pl.col("before_ms") + pl.col("after_ms"),
        ),
        within.filter(~pl.col("entry")).select("segment", "name").unique(maintain_order=True),
    )  # fmt: skip


def _waits(linked: pl.DataFrame, calls: pl.DataFrame) -> pl.DataFrame:
    """Return by segment: waited (ns, the union of its calls within it), callees, failed_call."""
    bounds = linked.filter("entry").select("segment", low="start", high="end")
    clipped = calls.join(bounds, on="segment", how="left", maintain_order="left").with_columns(
        pl.col("start", "end").clip("low", "high")
    )
    reached = pl.col("end").cum_max().shift(1).over("segment").fill_null(pl.col("start"))
    covered = clipped.with_columns(busy=(pl.col("end") - pl.max_horizontal("start", reached)).clip(0))
    return covered.group_by("segment").agg(
        waited=pl.col("busy").sum(),
        callees=pl.col("callee").unique().hash().sum(),
        failed_call=pl.col("failed").any(),
    )
