"""Find spans that their parents did not wait for: consumed messages, and work after the answer.

For example, `checkout` answers after 20 ms and leaves a message on a queue; the span in which `mailer`
consumes it begins a second later. Its parent is the producer span of `checkout`, yet its time is no part of
the request.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.spans.parent_rows import NO_PARENT, Rows

# OpenTelemetry's mark of a span that its parent did not wait for (OpenTracing's FOLLOWS_FROM).
FOLLOWS_FROM = '"opentracing.ref_type":"follows_from"'

MOSTLY = 0.5
"""Share of spans that must outlast their callers. A call outlasts a caller that gives up, but not most calls
do, over good and bad hours together.
"""

MIN_SPANS = 20
"""Fewest spans to judge by. Fewer may outlast their callers by chance, or in one bad moment."""


def not_awaited(spans: pl.DataFrame, parent: Rows) -> Bools:
    """Return whether each span's parent went on without it: a consumed message, or FOLLOWS_FROM.

    `parent` holds the row of each span's parent. A consumer span below a consumer span of its own service
    (receive, then process) is ordinary work.
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
    """Return whether each span belongs to a group whose spans mostly outlast their callers.

    Nobody waits for such spans. If a source records no kinds, this criterion distinguishes a message from a
    call, whatever the hosts' clocks say. A few ordinary calls outlast their callers too, because the caller
    gave up.
    """
    rows = (spans["kind"].is_null() & above.is_not_null()).arg_true()
    named = ("service", "name", "kind", "duration_ms")
    caller = spans.select(named)[above[rows]].select(pl.all().name.prefix("by_"))
    pairs = spans.select(named)[rows].hstack(caller)
    unlabelled = pl.col("by_kind").is_null() & pl.col("service").ne_missing(pl.col("by_service"))
    alike = ("service", "name", "by_service", "by_name")
    longer = (pl.col("duration_ms") > pl.col("by_duration_ms")).mean().over(alike)
    mostly = unlabelled & (longer > MOSTLY) & (pl.len().over(alike) >= MIN_SPANS)
    found = np.zeros(spans.height, dtype=bool)
    found[rows] = pairs.select(mostly.fill_null(value=False)).to_series()
    return found
