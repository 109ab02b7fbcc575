"""Releases that the traces show: when which service began to answer with another version."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from incident_kit.schema import attribute

FEWEST_BEFORE = 100
"""Spans of a service before another version is new; of two side by side, one is seen first by chance."""


class Release(NamedTuple):
    """A version of a service, and when it was first seen."""

    time: datetime
    name: str


def releases(spans: pl.DataFrame | None) -> list[Release]:
    """Return the versions (`service.version`) that were first seen within the data, in the order of time."""
    if spans is None:
        return []
    told = spans.lazy().select("service", "start", attribute("service.version").alias("version"))
    in_order = told.drop_nulls().sort("start").with_columns(before=pl.int_range(pl.len()).over("service"))
    first = in_order.group_by("service", "version").agg(pl.col("start", "before").first())
    new = first.filter(pl.col("before") >= FEWEST_BEFORE).sort("start", "service").collect()
    return [Release(row["start"], f"{row['service']} {row['version']}") for row in new.to_dicts()]
