"""Simulated healthy days, as rollups: everything that makes healthy traffic look unhealthy, and no fault.

A daily cycle of load whose peak is slower, campaigns that multiply arrivals, routes whose mix moves over the
day, arrivals and errors in clusters, heavy tails, latency that wanders (autocorrelated over minutes), and
services from ten requests a minute to hundreds a second. A log of several days has a nightly job as well,
which makes a route slow and begins now earlier, now later. Every log keeps its targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from incident_kit.measure.arrays.histogram import upper_bound
from incident_kit.measure.rollups.buckets import coarse_bucket
from incident_kit.measure.rollups.rollup import Rollup, RollupMeta
from incident_kit.measure.rollups.tables import EXEMPLARS, TABLES
from incident_kit.slo import Targets

Floats = npt.NDArray[np.float64]

START = datetime(2026, 1, 5, tzinfo=UTC)
BUCKET_S = 30
DAY = 86_400 // BUCKET_S
PLANTED = slice(DAY // 2, DAY // 2 + 20)
"""Ten minutes at noon of the first day."""

SLOW_MS, LONGEST_MS = 200.0, 5_000.0
BANDS = np.arange(0, 64 * 13, 16)
"""Buckets of the histogram from 1 ms to 8 s."""

MAX_SLOW_SHARE = 0.025
"""Slow requests of a day, at most: a day that needs half of its budget for nothing is not healthy."""


def wander(draw: np.random.Generator, spread: float, memory_s: float, buckets: int) -> Floats:
    """Return an autocorrelated series (AR(1)) of that standard deviation and memory."""
    keep = np.exp(-BUCKET_S / memory_s)
    steps = draw.normal(0, spread * np.sqrt(1 - keep**2), buckets)
    level, series = draw.normal(0, spread), np.empty(buckets)
    for place, step in enumerate(steps):
        level = keep * level + step
        series[place] = level
    return series


def cycle(draw: np.random.Generator, depth: float, buckets: int) -> Floats:
    """Return a smooth daily cycle between 1 - depth and 1 + depth."""
    hour = 2 * np.pi * (np.arange(buckets) / DAY + draw.uniform())
    return 1 + depth * (np.sin(hour) + 0.3 * np.sin(2 * hour + draw.uniform(0, 6))) / 1.3


def campaigns(draw: np.random.Generator, buckets: int) -> Floats:
    """Return bursts of arrivals: none to six a day, two to twenty minutes, up to four times the load."""
    load = np.ones(buckets)
    for day in range(0, buckets, DAY):
        for _ in range(draw.integers(0, 7)):
            start, length = day + draw.integers(0, DAY), draw.integers(4, 40)
            load[start : start + length] *= draw.uniform(1.2, 4)
    return load


def nightly(draw: np.random.Generator, days: int) -> Floats:
    """Return how many times longer a route takes while a job runs, on each of several days."""
    longer = np.ones(days * DAY)
    if days == 1:
        return longer
    begin, times = draw.integers(0, DAY - 120), draw.uniform(2, 8)
    for day in range(days):
        start = day * DAY + begin + draw.integers(0, 20)
        longer[start : start + draw.integers(20, 80)] = times
    return longer


def healthy_days(seed: int, days: int = 1, planted: float = 0.0) -> Rollup:
    """Return a log of healthy days; with `planted`, that share of all requests fails for ten minutes."""
    draw, buckets = np.random.default_rng(seed), days * DAY
    routes = int(draw.integers(2, 9))
    rate = float(np.exp(draw.uniform(np.log(1 / 6), np.log(200))))
    load = cycle(draw, draw.uniform(0, 0.8), buckets) * campaigns(draw, buckets)
    mix = np.stack([cycle(draw, draw.uniform(0, 0.4), buckets) for _ in range(routes)], axis=1)
    mix *= draw.dirichlet(np.full(routes, 1.0))
    arrivals = rate * BUCKET_S * load[:, None] * mix / mix.sum(axis=1, keepdims=True)
    clusters = draw.uniform(0.02, 0.3)
    arrivals = arrivals * draw.gamma(1 / clusters**2, clusters**2, arrivals.shape)
    requests = draw.poisson(arrivals)
    times = _times(draw, load, requests)
    slow = draw.binomial(requests, times.share_over(SLOW_MS))
    errors = _errors(draw, requests)
    errors[PLANTED] = np.maximum(errors[PLANTED], draw.binomial(requests[PLANTED], planted))
    return as_rollup(requests, np.minimum(slow, requests - errors), errors, histograms(draw, requests, times))


@dataclass(frozen=True)
class Times:
    """How long requests take: log-normal with a heavy tail, a median (buckets, routes) that wanders."""

    median: Floats
    spread: Floats
    tail: Floats

    def share_over(self, ms: npt.ArrayLike) -> Floats:
        """Return the share of requests that take longer; those of the tail lie between 0.2 and 5 s."""
        body = _upper_tail((np.log(ms) - np.log(self.median)) / self.spread)
        far = np.clip(np.log(LONGEST_MS / np.asarray(ms)) / np.log(LONGEST_MS / SLOW_MS), 0, 1)
        share: Floats = self.tail * far + (1 - self.tail) * body
        return share


def _times(draw: np.random.Generator, load: Floats, requests: Floats) -> Times:
    """Return a service's durations; the median follows the load and wanders, the day keeps its target."""
    routes = requests.shape[1]
    spread, tail = draw.uniform(0.3, 0.9, routes), draw.uniform(0, 0.01, routes)
    buckets = len(requests)
    drift = wander(draw, draw.uniform(0, 0.08), draw.uniform(60, 3600), buckets)
    drift = drift + draw.uniform(0, 0.15) * np.log(load / load.mean() + 0.1)
    own = np.stack([wander(draw, 0.05, 600, buckets) for _ in range(routes)], axis=1)
    median = draw.uniform(10, 100, routes) * np.exp(drift[:, None] + own)
    median[:, 0] *= nightly(draw, buckets // DAY)
    while True:
        times = Times(median, spread, tail)
        if (times.share_over(SLOW_MS) * requests).sum() <= MAX_SLOW_SHARE * requests.sum():
            return times
        median, tail = median * 0.9, tail * 0.9


def histograms(draw: np.random.Generator, requests: npt.NDArray[np.int64], times: Times) -> pl.DataFrame:
    """Return a rollup's latency table: durations drawn in bands a quarter of an octave wide."""
    wide = len(requests) * BUCKET_S // coarse_bucket(BUCKET_S)
    counts = requests.reshape(wide, -1, requests.shape[1]).sum(axis=1)
    median = np.exp(np.log(times.median).reshape(wide, -1, counts.shape[1]).mean(axis=1))
    over = Times(median[..., None], times.spread[:, None], times.tail[:, None]).share_over(upper_bound(BANDS))
    share = -np.diff(
        np.concatenate([np.ones((*counts.shape, 1)), over[..., :-1], np.zeros((*counts.shape, 1))], axis=2)
    )
    drawn = draw.multinomial(counts, np.maximum(share, 0) / share.sum(axis=2, keepdims=True))
    place, route, band = np.nonzero(drawn)
    return pl.DataFrame(
        {
            "time": place * coarse_bucket(BUCKET_S),
            "method": "GET",
            "route": route,
            "bucket": BANDS[band],
            "requests": drawn[place, route, band],
        }
    ).with_columns(time=_at(pl.col("time")), route=pl.format("/route/{}", "route"))


def _upper_tail(distance: Floats) -> Floats:
    from scipy.stats import norm

    share: Floats = norm.sf(distance)
    return share


def _errors(draw: np.random.Generator, requests: Floats) -> npt.NDArray[np.int64]:
    """Return errors: 0.05 % at most, some of them in clusters of up to five within one bucket."""
    share = draw.uniform(0, 0.0005, requests.shape[1])
    alone = draw.binomial(requests, share * 0.7)
    size = draw.integers(1, 6)
    together = size * draw.poisson(requests * share * 0.3 / size)
    return np.minimum(alone + together, requests)


def _at(seconds: pl.Expr) -> pl.Expr:
    return pl.lit(START).cast(pl.Datetime("us", "UTC")) + pl.duration(seconds=seconds)


def as_rollup(
    requests: npt.NDArray[np.int64],
    slow: npt.NDArray[np.int64],
    errors: npt.NDArray[np.int64],
    latency: pl.DataFrame,
) -> Rollup:
    """Return counts of shape (buckets, routes), and histograms, as a rollup."""
    schema = TABLES["counts"].schema
    tables = {name: pl.DataFrame(schema=dict(table.schema)) for name, table in TABLES.items()}
    counts = _counts(requests, slow, errors)
    tables["counts"] = counts.select(*schema).cast(dict(schema)).sort("time", "method", "route", "status")
    schema = TABLES["latency"].schema
    tables["latency"] = latency.select(*schema).cast(dict(schema)).sort("time", "method", "route", "bucket")
    meta = RollupMeta(
        BUCKET_S,
        coarse_bucket(BUCKET_S),
        Targets().latency_ms,
        START,
        START + timedelta(seconds=len(requests) * BUCKET_S - 1),
        int(requests.sum()),
    )
    return Rollup(meta, **tables, exemplars=pl.DataFrame(schema=dict(EXEMPLARS)))


def _counts(
    requests: npt.NDArray[np.int64], slow: npt.NDArray[np.int64], errors: npt.NDArray[np.int64]
) -> pl.DataFrame:
    buckets, routes = requests.shape
    place = pl.DataFrame(
        {"time": np.repeat(np.arange(buckets), routes), "route": np.tile(np.arange(routes), buckets)}
    )
    answers = [(200, requests - errors, slow), (500, errors, np.zeros_like(slow))]
    return pl.concat(
        place.with_columns(
            time=_at(pl.col("time") * BUCKET_S),
            route=pl.format("/route/{}", "route"),
            method=pl.lit("GET"),
            status=pl.lit(status),
            requests=pl.Series(count.ravel()),
            slow=pl.Series(late.ravel()),
            given_up=pl.lit(0),
            timed=pl.Series(count.ravel()),
            duration_us=pl.lit(0),
        ).filter(pl.col("requests") > 0)
        for status, count, late in answers
    )
