"""A log as evenly spaced counts, which is the input of detection.

Example: `requests` [200, 180, 0, 210] and `bad` [2, 1, 0, 40] with `bucket_s` 10 cover 40 s; the run (3, 4)
is the last bucket, of which 19 % was bad.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from incident_kit.diagnosis.detection.coarse_clock import can_judge
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo
from incident_kit.window import Window

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
Run = tuple[int, int]
"""A half-open range of buckets, as (first, after the last)."""


@dataclass(frozen=True)
class Series:
    """Valid and bad requests of one SLO in each bucket, empty buckets included."""

    first: datetime
    bucket_s: int
    requests: Floats
    bad: Floats

    def at(self, bucket: int) -> datetime:
        """Return when a bucket begins."""
        return self.first + timedelta(seconds=bucket * self.bucket_s)

    def window(self, run: Run) -> Window:
        """Return the window of time that a run of buckets covers."""
        return Window(self.at(run[0]), self.at(run[1]))

    def run(self, window: Window) -> Run:
        """Return the run of buckets that lies in `window`, cut to the log."""
        edges = [(edge - self.first).total_seconds() / self.bucket_s for edge in (window.start, window.end)]
        start, end = (int(np.clip(round(edge), 0, len(self.bad))) for edge in edges)
        return start, end

    def sums(self, run: Run) -> tuple[float, float]:
        """Return the number of bad requests and of all requests in a run."""
        return float(self.bad[run[0] : run[1]].sum()), float(self.requests[run[0] : run[1]].sum())

    def share(self, run: Run, *, smoothed: bool = False) -> float:
        """Return the share of bad requests in a run.

        If `smoothed`, by Jeffreys' prior: no bad request in a short run does not mean that there never is
        one.
        """
        bad, requests = self.sums(run)
        return (bad + 0.5) / (requests + 1) if smoothed else bad / max(requests, 1.0)


def series(rollup: Rollup, slo: Slo) -> Series | None:
    """Return a rollup's counts for one SLO, from the log's first bucket to its last.

    None if there are none, or if the SLO cannot be judged by them.

    Requests that began before the log did are left out, because only the long ones of them are in it.
    """
    if not can_judge(rollup, slo):
        return None
    counts = bad_counts(rollup, slo, by=())
    bucket_s = (
        rollup.meta.bucket_s if slo.threshold_ms == rollup.meta.latency_ms else rollup.meta.coarse_bucket_s
    )
    if rollup.window is None or counts.is_empty():
        return None
    width = timedelta(seconds=bucket_s)
    first = EPOCH + (rollup.window.start - EPOCH) // width * width
    place = (counts["time"].dt.epoch("us").to_numpy() - (first - EPOCH) // MICROSECOND) // (
        width // MICROSECOND
    )
    within = place >= 0
    if not within.any():
        return None
    requests, bad = (
        np.bincount(place[within], weights=counts[name].to_numpy()[within]).astype(np.float64)
        for name in ("requests", "bad")
    )
    return Series(first, bucket_s, requests, bad)
