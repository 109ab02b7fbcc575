"""Small tables of known shape for the pictures, and closed figures after each test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import matplotlib as mpl
import numpy as np
import polars as pl
import pytest

from incident_kit.wording import EVERYWHERE, IMPROVEMENT, REGRESSION

mpl.use("Agg")
START = datetime(2026, 1, 31, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


def _times(count: int, step_s: float) -> pl.Series:
    return pl.Series(
        [START + timedelta(seconds=step_s * at) for at in range(count)], dtype=pl.Datetime("us", "UTC")
    )


@pytest.fixture
def red() -> pl.DataFrame:
    rng = np.random.default_rng(1)
    times = _times(90, 10)
    slow = np.where((np.arange(90) > 30) & (np.arange(90) < 66), 1.0, 0.0)
    rate = 40 + 8 * np.sin(np.arange(90) / 12) + rng.normal(0, 1, 90)
    return pl.DataFrame(
        {
            "time": times,
            "requests": (10 * rate).astype(int),
            "requests_per_s": rate,
            "errors": (slow * 20).astype(int),
            "error_rate": slow * rng.uniform(0.02, 0.05, 90),
            "p50_ms": 12 + 10 * slow + rng.normal(0, 0.5, 90),
            "p95_ms": 60 + 600 * slow + rng.normal(0, 5, 90),
            "p99_ms": 90 + 2_000 * slow + rng.normal(0, 9, 90),
        }
    )


@pytest.fixture
def incidents() -> pl.DataFrame:
    return pl.DataFrame(
        {"incident": [0], "start": [START + timedelta(seconds=310)], "end": [START + timedelta(seconds=660)]},
        schema_overrides={"start": pl.Datetime("us", "UTC"), "end": pl.Datetime("us", "UTC")},
    )


@pytest.fixture
def events() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "time": [START + timedelta(seconds=250), START + timedelta(days=9)],
            "what": ["deploy payments v2.3.1 (canary, 10 %)", "outside"],
        },
        schema_overrides={"time": pl.Datetime("us", "UTC")},
    )


@pytest.fixture
def durations() -> pl.DataFrame:
    rng = np.random.default_rng(2)
    edges = 2.0 ** (np.arange(0, 48) / 4)
    rows = []
    for at, time in enumerate(_times(90, 10)):
        sample = rng.lognormal(2.6, 0.5, 400)
        if 30 < at < 66:
            sample[:120] = rng.lognormal(6.8, 0.4, 120)
        counts, _ = np.histogram(sample, edges)
        rows += [(time, edges[i], edges[i + 1], int(n)) for i, n in enumerate(counts) if n]
    return pl.DataFrame(
        rows,
        schema={
            "time": pl.Datetime("us", "UTC"),
            "low_ms": pl.Float64,
            "high_ms": pl.Float64,
            "requests": pl.Int64,
        },
        orient="row",
    )


@pytest.fixture
def endpoints() -> pl.DataFrame:
    names = [
        "/checkout/{id}",
        "/items/{id}",
        "/cart",
        "/a/very/long/route/with/{id}/and/a/tail/that/goes/on/{date}",
    ]
    names += [f"/r{n}" for n in range(8)]
    share = np.array([0.82, 0.09, 0.05, 0.03, -0.02, 0.01, 0.005, 0.005, 0.0, 0.0, 0.0, 0.0])
    rate = share * np.array([0.98, 0.2, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    table = pl.DataFrame(
        {
            "incident": 0,
            "method": "GET",
            "route": names,
            "share": share,
            "low": share - 0.04,
            "high": share + 0.03,
            "rate_share": rate,
            "mix_share": share - rate,
        }
    )
    rest = 1 - share.sum()
    last = table[:1].with_columns(
        pl.lit(None, pl.String).alias("method"),
        route=pl.lit("(unexplained)"),
        share=pl.lit(rest),
        low=pl.lit(rest),
        high=pl.lit(rest),
        rate_share=pl.lit(rest),
        mix_share=pl.lit(0.0),
    )
    return pl.concat([table, last])


@pytest.fixture
def dependencies() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "incident": [0, 0, 0, 0],
            "name": ["postgresql", "catalogue", "shop", "(unexplained)"],
            "kind": ["database", "service", "service", "unknown"],
            "score": [0.94, 0.31, 0.12, 0.0],
            "share": [0.91, 0.06, 0.02, 0.01],
            "low": [0.86, 0.02, 0.0, 0.0],
            "high": [0.95, 0.09, 0.05, 0.02],
            "stated": [True, False, False, False],
            "evidence": ["", "", "", ""],
        }
    )


@pytest.fixture
def changes() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "indicator": ["errors", "errors", "errors", "errors", "latency"],
            "method": [None, "POST", "GET", "GET", None],
            "route": [
                EVERYWHERE,
                "/checkout",
                "/a/very/long/route/with/{id}/and/a/tail/that/goes/on",
                "/cart",
                EVERYWHERE,
            ],
            "change": [0.021, 0.2, -0.01, 0.0, float("nan")],
            "low": [0.018, 0.17, -0.014, -0.001, 0.0],
            "high": [0.025, 0.23, -0.006, 0.001, 0.0],
            "detectable": [0.002, 0.01, 0.004, None, 0.0],
            "verdict": [REGRESSION, REGRESSION, IMPROVEMENT, "not enough data", "not enough data"],
        }
    )
