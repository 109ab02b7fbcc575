"""What a rollup covers: the span of its valid requests, and how many requests it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl


class Coverage(NamedTuple):
    """End times of the first and the last valid request, the number of all requests, and of excluded ones."""

    first: datetime | None
    last: datetime | None
    requests: int
    excluded: int

    @classmethod
    def of(cls, classified: pl.DataFrame) -> Coverage:
        """Return what the requests cover that `classify` returns."""
        ended = pl.col("time") + pl.duration(microseconds=pl.col("duration_us"))
        valid = pl.col("requests")
        first, last, excluded = classified.select(
            ended.filter(valid).min().alias("first"),
            ended.filter(valid).max().alias("last"),
            (~valid).sum().alias("excluded"),
        ).row(0)
        return cls(first, last, classified.height, int(excluded))

    @classmethod
    def together(cls, parts: Sequence[Coverage]) -> Coverage:
        """Return what all parts of a log cover."""
        return cls(
            min((part.first for part in parts if part.first), default=None),
            max((part.last for part in parts if part.last), default=None),
            sum(part.requests for part in parts),
            sum(part.excluded for part in parts),
        )
