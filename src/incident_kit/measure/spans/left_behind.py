"""Spans that their parents did not wait for: messages, and what is done after the answer."""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows

# How OpenTelemetry marks a span that its parent did not wait for (OpenTracing's FOLLOWS_FROM).
FOLLOWS_FROM = '"opentracing.ref_type":"follows_from"'

MOSTLY = 0.5
"""Calls are outlasted where their callers give up; not most of them, over hours good and bad."""

FEWEST = 20
"""Of fewer spans it may be chance, or one bad moment."""


def left_behind(spans: pl.DataFrame, parent: Rows) -> Bools:
    """Whether the parent went on without the span: a message that was consumed, or FOLLOWS_FROM.

    `parent` holds the row of each span's parent.

    A consumer span below a consumer span of its own service (receive, then process) is ordinary work.
    """
    above = pl.Series(parent).replace(NO_PARENT, None)
    is_consumer = (spans["kind"] == "consumer").fill_null(value=False)
    left = spans["attributes"].str.contains(FOLLOWS_FROM, literal=True).fill_null(value=False)
    if is_consumer.any():
        rows = is_consumer.arg_true()
        child, caller = spans[rows], spans["kind", "service"].select(pl.all().gather(above[rows]))
        elsewhere = (child["service"] != caller["service"]) | (caller["kind"] == "producer")
        left = left.scatter(rows, left[rows] | elsewhere.fill_null(value=False))
    left_by_kind: Bools = left.to_numpy()
    return left_by_kind | _outlasts(spans, above) if spans["kind"].null_count() else left_by_kind


def _outlasts(spans: pl.DataFrame, above: pl.Series) -> Bools:
    """Whether a span is of those that mostly last longer than what called them: then nobody waits for them.

    Where a source tells no kinds, that tells a message from a call, whatever the clocks of the hosts say. A
    few calls are outlasted as well, by whom their caller gave up.
    """
    rows = (spans["kind"].is_null() & above.is_not_null()).arg_true()
    named = ("service", "name", "kind", "duration_ms")
    caller = spans.select(named)[above[rows]].select(pl.all().name.prefix("by_"))
    pairs = spans.select(named)[rows].hstack(caller)
    unlabelled = pl.col("by_kind").is_null() & pl.col("service").ne_missing(pl.col("by_service"))
    alike = ("service", "name", "by_service", "by_name")
    longer = (pl.col("duration_ms") > pl.col("by_duration_ms")).mean().over(alike)
    mostly = unlabelled & (longer > MOSTLY) & (pl.len().over(alike) >= FEWEST)
    found = np.zeros(spans.height, dtype=bool)
    found[rows] = pairs.select(mostly.fill_null(value=False)).to_series()
    return found
