"""A long frame of requests, a part at a time: what is worked out of each row is held for one part only.

Tables of the parts add up exactly to those of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import polars as pl

from incident_kit.measure.requests.validity import Exclusion
from incident_kit.measure.rollups import strays
from incident_kit.measure.rollups.buckets import fitting_bucket, whole
from incident_kit.measure.rollups.counted import RequestTables
from incident_kit.measure.rollups.rows import judge
from incident_kit.measure.rollups.tables import TABLES, coarse_bucket, in_order, tabulate
from incident_kit.measure.rollups.usable import usable
from incident_kit.schema import REQUESTS, conform

ROWS_AT_ONCE = 250_000
"""What is made of so many rows fits into 200 MB; of fewer, to begin with them would begin to cost."""

TIME = "start_time"


class Span(NamedTuple):
    """When the first and the last valid request ended; how many requests there are, and how many invalid."""

    first: datetime | None
    last: datetime | None
    requests: int
    excluded: int


class Counted(NamedTuple):
    """Every table by its name, in buckets of so many seconds; and what they span."""

    bucket_s: int
    coarse_bucket_s: int
    tables: Mapping[str, pl.DataFrame]
    span: Span


@dataclass(frozen=True)
class Parts:
    """A frame of requests and how they are judged.

    `ordered` tables are whole ones, in order and without requests that are astray; of others, which are only
    to be merged, nobody can tell yet what is astray.
    """

    requests: pl.DataFrame
    latency_ms: float
    exclusions: Sequence[Exclusion]
    ordered: bool

    @cached_property
    def times(self) -> pl.Series:
        """When the requests began.

        Raises
        ------
        SchemaError
            If they have no `start_time`.
        """
        known = conform(self.requests, {TIME: REQUESTS[TIME]}, required=(TIME,))
        return known[TIME].drop_nulls()

    def astray(self, counted: Counted) -> int:
        """Return how many requests were not counted since they are astray."""
        return 0 if self._days is None else len(self.times) - counted.span.requests

    @cached_property
    def _days(self) -> pl.Series | None:
        """The days that no request is astray on, if some are."""
        return strays.main_days(self.times) if self.ordered else None

    def counted(self, bucket_s: int | None, coarse_bucket_s: int | None) -> Counted:
        """Count the requests, in buckets that fit them if none is given.

        Raises
        ------
        ParameterError
            If a bucket is no whole number of seconds.
        """
        if bucket_s is not None:
            return self._counted(whole(bucket_s), coarse_bucket_s)
        found = self._counted(self._likely_bucket(), coarse_bucket_s)
        fitting = fitting_bucket(found.span.first, found.span.last)
        return found if fitting == found.bucket_s else self._counted(fitting, coarse_bucket_s)

    def _likely_bucket(self) -> int:
        """Return the bucket that fits when the requests began; when they ended, it hardly ever differs."""
        times = self._kept(self.times.to_frame())
        return fitting_bucket(*times.select(first=pl.first().min(), last=pl.first().max()).row(0))

    def _counted(self, bucket_s: int, coarse_bucket_s: int | None) -> Counted:
        widths = bucket_s, coarse_bucket_s or coarse_bucket(bucket_s)
        found = [(RequestTables(rows, *widths).all(self.exclusions), _span(rows)) for rows in self._judged()]
        tables, spans = [tables for tables, _ in found], [span for _, span in found]
        return Counted(*widths, self._added_up(tables, widths), _together(spans))

    def _added_up(
        self, tables: Sequence[Mapping[str, pl.DataFrame]], widths: tuple[int, int]
    ) -> Mapping[str, pl.DataFrame]:
        """Add the tables of the parts up, which puts them in order."""
        first, *others = tables
        if others:
            joined = {name: pl.concat(part[name] for part in tables) for name in first}
            return {name: tabulate(name, rows, *widths) for name, rows in joined.items()}
        return {**first, **{name: in_order(name, first[name]) for name in TABLES}} if self.ordered else first

    def _judged(self) -> Iterator[pl.DataFrame]:
        """Yield the requests of each part with what is said of them."""
        for part in list(self.requests.iter_slices(ROWS_AT_ONCE)) or [self.requests]:
            kept = self._kept(usable(part, self.exclusions))
            extra = kept["extra"].null_count() < kept.height
            yield judge(kept, self.latency_ms, self.exclusions, extra)

    def _kept(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows if self._days is None else rows.filter(strays.on(self._days, TIME))


def _span(judged: pl.DataFrame) -> Span:
    ended = pl.col("time") + pl.duration(microseconds=pl.col("duration_us"))
    valid = pl.col("requests")
    first, last, excluded = judged.select(
        ended.filter(valid).min().alias("first"),
        ended.filter(valid).max().alias("last"),
        (~valid).sum().alias("excluded"),
    ).row(0)
    return Span(first, last, judged.height, int(excluded))


def _together(spans: Sequence[Span]) -> Span:
    return Span(
        min((span.first for span in spans if span.first), default=None),
        max((span.last for span in spans if span.last), default=None),
        sum(span.requests for span in spans),
        sum(span.excluded for span in spans),
    )
