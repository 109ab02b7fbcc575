"""Segments: the stretches of work of one service, and the calls that lead from one to the next.

Time is taken per segment, not per span: frameworks put childless sibling spans around the real call,
and their self time is noise. A segment is a maximal parent-linked group of spans of one service; its
top span is the entry. A call is a span that waits for another service, or for a dependency that
records no spans of its own (a blind call, see `measure.blind_calls`).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from incident_kit.measure.answered_calls import answered_calls
from incident_kit.measure.blind_calls import blind_calls
from incident_kit.measure.linked_spans import NS_PER_MS, entries, linked_spans


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
    linked = linked_spans(spans.with_columns(usual=True if usual is None else usual))
    top = entries(linked)
    linked = linked.with_columns(segment=top, entry=pl.Series(top) == pl.col("span"))
    calls = pl.concat([answered_calls(linked), blind_calls(linked)], how="diagonal")
    return _assemble(linked, calls.sort("segment", "start", "end"))


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
