"""Prepare a frame of requests for a rollup: keep rows that have a time, and convert columns to its types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from incident_kit.distinct import categories
from incident_kit.measure.requests.validity import Exclusion
from incident_kit.measure.rollups.derived_columns import (
    REPEATED,
    USED,
    add_derived_columns,
    derived_columns,
    has_derived_columns,
)
from incident_kit.schema import LONGEST_MS, REQUESTS, conform, to_polars

DURATIONS = ("duration_ms", "upstream_duration_ms")


def prepare_requests(requests: Any, exclusions: Sequence[Exclusion]) -> pl.DataFrame:
    """Return the columns that a rollup uses, including those of `derived_columns`.

    Raises
    ------
    SchemaError
        If `requests` is no frame, or has no `start_time`.
    """
    given = to_polars(requests)
    if not has_derived_columns(given.columns, exclusions):
        looked_at = {root for made in derived_columns(exclusions).values() for root in made.meta.root_names()}
        schema = {name: column for name, column in REQUESTS.items() if name in USED or name in looked_at}
        timed = conform(given, schema, required=("start_time",)).with_columns(_possible(*DURATIONS))
        given = add_derived_columns(timed, exclusions)
    texts = (name for name in REPEATED if not isinstance(given[name].dtype, pl.Categorical))
    frame = given.with_columns(pl.col(name).cast(categories()) for name in texts)
    return frame.filter(pl.col("start_time").is_not_null()) if frame["start_time"].null_count() else frame


def _possible(*durations: str) -> list[pl.Expr]:
    """Return durations with null for impossible values. A user's own frame may hold NaN or infinity."""
    return [pl.when(pl.col(name).is_between(0, LONGEST_MS)).then(name).alias(name) for name in durations]
