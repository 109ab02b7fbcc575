"""Calls that somebody answered: the caller's span, the callee's segment, the time before and after it."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.linked_spans import CALLING_KINDS, NS_PER_MS


def answered_calls(linked: pl.DataFrame) -> pl.DataFrame:
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
