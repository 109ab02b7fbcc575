"""Find the values that are new within the data: a version of a service, the variant of a feature flag."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MIN_EXPECTED_TRACES = 7.0
"""Expected number of earlier traces that makes a value new. If a value had been there before, the chance that
none of seven expected traces shows it would be 1 in 1,000. A later first sighting alone proves nothing,
because one of two values that occur side by side is always seen first.
"""


def first_seen(values: pl.DataFrame, by: Sequence[str], value: str) -> pl.DataFrame:
    """Return the values that were first seen within the data: `start` (of the sighting), `by`, `value`.

    `values` has trace_id, start, and the columns `by` and `value` without nulls. The expected number of
    earlier traces is the number of traces of the same `by` before the first sighting, times the value's share
    of those between its first and last sighting.
    """
    seen = (
        values.lazy()
        .filter(pl.col(value).n_unique().over(by) > 1)
        .group_by("trace_id", *by, value)
        .agg(pl.col("start").min())
        .sort("start", *by, value)
        .with_columns(place=pl.int_range(pl.len()).over(by))
        .group_by(*by, value)
        .agg(pl.col("start", "place").first(), until=pl.col("place").last(), traces=pl.len())
    )
    part = pl.col("traces") / (pl.col("until") - pl.col("place") + 1)
    new = seen.filter(pl.col("place") * part >= MIN_EXPECTED_TRACES).sort("start", *by, value)
    return new.select("start", *by, value).collect()
