"""Aggregate the critical-path time of many traces by operation, and by percentile of the root."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from incident_kit.measure.spans.clock_skew import on_one_clock
from incident_kit.measure.spans.nanoseconds import NS_PER_MS
from incident_kit.measure.spans.span_time import critical_ns, span_time
from incident_kit.measure.spans.span_tree import AnySpans, span_tree
from incident_kit.schema import OPERATION

# Percentile bands of the root's latency. They are narrow where the targets lie: the slowest twentieth has
# two.
BANDS = (0, 50, 75, 90, 95, 99, 100)


def critical_path(spans: AnySpans) -> pl.DataFrame:
    """Return the critical-path time of each operation.

    One row for each operation: `service`, `name`, `critical_ms` (total), `ms_per_trace`, `share` (of the
    total time of all roots; the shares sum to 1), `traces` (number of traces with the operation on the
    critical path). The largest comes first.
    """
    timed = span_time(spans)
    on_path = timed.filter(pl.col("critical_ms") > 0)
    operations = on_path.group_by(OPERATION).agg(_summed_ms(), traces=pl.col("trace_id").n_unique())
    return operations.sort("critical_ms", *OPERATION, descending=[True, False, False]).select(
        *OPERATION,
        "critical_ms",
        ms_per_trace=pl.col("critical_ms") / timed["trace_id"].n_unique(),
        share=pl.col("critical_ms") / pl.col("critical_ms").sum(),
        traces="traces",
    )


def critical_by_percentile(spans: AnySpans, bands: tuple[int, ...] = BANDS) -> pl.DataFrame:
    """Return each operation's critical-path time in bands of the root's latency.

    One row for each operation and band: `service`, `name`, `band` ("p50-p75"), `traces` (in the band),
    `ms_per_trace`. Operations that make slow requests slow grow towards the higher bands.
    """
    tree = on_one_clock(span_tree(spans))
    roots = tree.spans[tree.roots].select(
        "trace_id", rank=pl.col("duration_ms").rank("ordinal") / pl.len() * 100
    )
    labels = [f"p{low}-p{high}" for low, high in pairwise(bands)]
    band = np.searchsorted(bands[1:-1], roots["rank"].to_numpy(), side="left")
    banded = roots.with_columns(band=pl.Series([labels[each] for each in band], dtype=pl.Enum(labels)))
    sizes = banded.group_by("band").agg(traces=pl.len())
    timed = tree.spans.select(*OPERATION, "trace_id", critical_ms=pl.Series(critical_ns(tree) / NS_PER_MS))
    sums = timed.join(banded, on="trace_id").group_by(*OPERATION, "band").agg(_summed_ms())
    return (
        sums.join(sizes, on="band")
        .select(*OPERATION, "band", "traces", ms_per_trace=pl.col("critical_ms") / pl.col("traces"))
        .sort(*OPERATION, "band")
    )


def _summed_ms() -> pl.Expr:
    """Return the sum of critical_ms.

    It adds whole nanoseconds, because a sum of fractions depends on their order.
    """
    ns = (pl.col("critical_ms") * NS_PER_MS).round().cast(pl.Int64)
    return (ns.sum() / NS_PER_MS).alias("critical_ms")
