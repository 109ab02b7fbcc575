"""Roll up a long frame of requests in parts, to bound memory.

The columns that are derived from each row exist for one part at a time. The tables of the parts add up to
exactly the tables of the whole frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from incident_kit.measure.requests.validity import Exclusion
from incident_kit.measure.rollups import strays
from incident_kit.measure.rollups.buckets import coarse_bucket, fitting_bucket, whole_seconds
from incident_kit.measure.rollups.classification import classify
from incident_kit.measure.rollups.combining import in_order, tabulate
from incident_kit.measure.rollups.coverage import Coverage
from incident_kit.measure.rollups.prepared_requests import prepare_requests
from incident_kit.measure.rollups.request_tables import RequestTables
from incident_kit.measure.rollups.tables import TABLES
from incident_kit.schema import REQUESTS, conform

ROWS_AT_ONCE = 250_000
"""Rows in a part. Their derived columns fit into 200 MB; with fewer rows the fixed cost of each part would
show.
"""

TIME = "start_time"


class CountedRequests(NamedTuple):
    """All tables by name, their bucket widths in seconds, and the span they cover."""

    bucket_s: int
    coarse_bucket_s: int
    tables: Mapping[str, pl.DataFrame]
    coverage: Coverage


@dataclass(frozen=True)
class Parts:
    """A frame of requests and the rules by which they are classified.

    With `ordered`, the frame is a whole log: its tables are sorted, and stray requests (see `strays`) are
    left out. Without it, the tables are only one part of a log, to be merged later, and a part alone cannot
    show which of its requests are strays.
    """

    requests: pl.DataFrame
    latency_ms: float
    exclusions: Sequence[Exclusion]
    ordered: bool

    @cached_property
    def times(self) -> pl.Series:
        """Start times of the requests.

        Raises
        ------
        SchemaError
            If the frame has no `start_time`.
        """
        known = conform(self.requests, {TIME: REQUESTS[TIME]}, required=(TIME,))
        return known[TIME].drop_nulls()

    @property
    def untimed(self) -> int:
        """How many requests have no start time, so that no table can hold them."""
        return self.requests.height - len(self.times)

    def astray(self, counted: CountedRequests) -> int:
        """Return how many requests were left out of the tables because they are strays."""
        return 0 if self._days is None else len(self.times) - counted.coverage.requests

    @cached_property
    def _days(self) -> pl.Series | None:
        """Days whose requests are kept; None if no request is a stray."""
        return strays.main_days(self.times) if self.ordered else None

    def counted(self, bucket_s: int | None, coarse_bucket_s: int | None) -> CountedRequests:
        """Count the requests in buckets of the given widths, or of widths that fit the frame's span.

        Raises
        ------
        ParameterError
            If a bucket is no whole number of seconds, or the coarse one no multiple of the other.
        """
        if bucket_s is not None:
            return self._counted(whole_seconds(bucket_s), coarse_bucket_s)
        found = self._counted(self._likely_bucket(), coarse_bucket_s)
        fitting = fitting_bucket(found.coverage.first, found.coverage.last)
        return found if fitting == found.bucket_s else self._counted(fitting, coarse_bucket_s)

    def _likely_bucket(self) -> int:
        """Return the bucket that fits the span of the start times.

        The span of the end times rarely needs another one.
        """
        times = self._kept(self.times.to_frame())
        return fitting_bucket(*times.select(first=pl.first().min(), last=pl.first().max()).row(0))

    def _counted(self, bucket_s: int, coarse_bucket_s: int | None) -> CountedRequests:
        widths = bucket_s, coarse_bucket(bucket_s, coarse_bucket_s)
        found = [
            (RequestTables(rows, *widths).tables(self.exclusions), Coverage.of(rows))
            for rows in self._classified()
        ]
        tables, coverages = [tables for tables, _ in found], [coverage for _, coverage in found]
        return CountedRequests(*widths, self._added_up(tables, widths), Coverage.together(coverages))

    def _added_up(
        self, tables: Sequence[Mapping[str, pl.DataFrame]], widths: tuple[int, int]
    ) -> Mapping[str, pl.DataFrame]:
        """Add up the tables of the parts, which also sorts them."""
        first, *others = tables
        if others:
            joined = {name: pl.concat(part[name] for part in tables) for name in first}
            return {name: tabulate(name, rows, *widths) for name, rows in joined.items()}
        return {**first, **{name: in_order(name, first[name]) for name in TABLES}} if self.ordered else first

    def _classified(self) -> Iterator[pl.DataFrame]:
        """Yield each part's requests with the columns that `classify` adds."""
        for part in list(self.requests.iter_slices(ROWS_AT_ONCE)) or [self.requests]:
            kept = self._kept(prepare_requests(part, self.exclusions))
            extra = kept["extra"].null_count() < kept.height
            yield classify(kept, self.latency_ms, self.exclusions, extra)

    def _kept(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows if self._days is None else rows.filter(strays.is_on_days(self._days, TIME))
