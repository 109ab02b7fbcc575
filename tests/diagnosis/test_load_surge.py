"""A surge of requests that came with an incident is said, and who brought it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
BEGIN_S, END_S, LENGTH_S = 1200, 1800, 2400


def load(
    times: float = 3.0,
    *,
    network: str = "198.51.{}.7",
    extra_network: str = "198.51.{}.7",
    is_slow: bool = True,
) -> pl.DataFrame:
    """Return forty minutes of ten requests a second, ten minutes of it `times` as many, and slow."""
    draw = np.random.default_rng(1)
    usual = draw.uniform(0, LENGTH_S, 10 * LENGTH_S)
    extra = draw.uniform(BEGIN_S, END_S, round(10 * (times - 1) * (END_S - BEGIN_S)))
    at = np.concatenate([usual, extra])
    within = (at >= BEGIN_S) & (at < END_S)
    clients = [network.format(n % 40) for n in range(len(usual))]
    clients += [extra_network.format(n % 40) for n in range(len(extra))]
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in at],
            "method": "GET",
            "route": draw.choice(["/search", "/items"], len(at)),
            "status": 200,
            "duration_ms": np.where(within & (draw.uniform(size=len(at)) < 0.4) & is_slow, 900.0, 20.0),
            "client_ip": clients,
            "user_agent": "okhttp/4.12",
        }
    )
    return conform(frame.sort("start_time"), REQUESTS)


def surge(requests: pl.DataFrame, *, rolled_up: bool = False) -> list[dict[str, str]]:
    data = ik.rollup_requests(requests) if rolled_up else requests
    return ik.diagnose(data).findings.filter(id="load-surge").to_dicts()


@pytest.mark.parametrize("rolled_up", [False, True], ids=["requests", "rollup"])
def test_a_network_that_brings_the_extra_requests_is_named(rolled_up: bool) -> None:
    (finding,) = surge(load(extra_network="203.0.113.9"), rolled_up=rolled_up)
    assert finding["claim"] == (
        "3 times as many requests as usual came with it, most of the extra ones from 203.0.113.0/24."
    )
    assert finding["evidence"].startswith("29.9 a second came, usually 10; 100 % of the extra ones came from")


@pytest.mark.parametrize(
    "requests",
    [load(), load(network="10.0.0.1", extra_network="10.0.0.1")],
    ids=["from everywhere", "behind a proxy"],
)
def test_extra_requests_that_come_from_where_all_do_name_nobody(requests: pl.DataFrame) -> None:
    (finding,) = surge(requests)
    assert finding["claim"] == "3 times as many requests as usual came with it."


@pytest.mark.parametrize(
    "requests",
    [load(1.3), load(1.0), load(is_slow=False)],
    ids=["a third more", "as many as usual", "more, and none of them bad"],
)
def test_otherwise_there_is_no_surge_to_tell_of(requests: pl.DataFrame) -> None:
    assert surge(requests) == []


def test_as_many_as_in_a_busy_stretch_before_are_no_surge() -> None:
    earlier = load().with_columns(
        pl.col("start_time") - timedelta(seconds=LENGTH_S), duration_ms=pl.lit(20.0)
    )
    assert surge(pl.concat([earlier, load()])) == []


def test_load_that_changes_over_hours_by_the_time_of_day_is_no_surge() -> None:
    draw = np.random.default_rng(1)
    at = np.sort(12 * 3600 * np.sqrt(draw.uniform(size=60_000)))
    is_slow = (at > 5 * 3600) & (at < 11 * 3600) & (draw.uniform(size=len(at)) < 0.4)
    frame = pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in at],
            "method": "GET",
            "route": "/items",
            "status": 200,
            "duration_ms": np.where(is_slow, 900.0, 20.0),
        }
    )
    assert ik.diagnose(frame).incidents.height == 1
    assert surge(frame) == []
