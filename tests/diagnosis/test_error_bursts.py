"""Errors in bursts too short for an incident are said where there are several."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import incident_kit as ik

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
HOURS = 30
UPSTREAMS = ["10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"]


def log(begins: list[float], *, lasts: float = 20.0, upstream: str | None = None) -> pl.DataFrame:
    """Return thirty hours of two requests a second that fail for some seconds, on all upstreams or on one."""
    draw = np.random.default_rng(1)
    at = np.arange(0, HOURS * 3600, 0.5)
    served_by = draw.choice(UPSTREAMS, len(at))
    is_burst = np.isin(at, [at[(at >= begin) & (at < begin + lasts)] for begin in begins] or [-1])
    is_hit = is_burst & ((served_by == upstream) if upstream else True)
    return pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in at],
            "method": "GET",
            "route": draw.choice(["/items", "/search"], len(at)),
            "status": np.where(is_hit | (draw.uniform(size=len(at)) < 0.0003), 502, 200),
            "duration_ms": 20.0,
            "upstream_addr": served_by,
            "upstream_status": np.where(is_hit, 502, 200),
        }
    )


def told(requests: pl.DataFrame | ik.Rollup) -> list[str]:
    return ik.diagnose(requests).findings.filter(id="error-bursts")["claim"].to_list()


EVERY_FIVE_HOURS = [hour * 3600 + 12.0 for hour in (3, 8, 13, 18, 23, 28)]


def test_an_instance_that_is_killed_every_few_hours_is_named_with_its_interval() -> None:
    (claim,) = told(log(EVERY_FIVE_HOURS, upstream="10.0.0.2:80"))
    assert claim.startswith(
        "Errors come in bursts too short for an incident: 6 of them, one every 5 h, with 8"
    )
    assert claim.endswith(" failed requests, nearly all of them on upstream 10.0.0.2:80.")


def test_restarts_at_odd_times_have_no_interval_and_nothing_in_common() -> None:
    (claim,) = told(log([4_000, 31_000, 40_000, 88_000], lasts=10))
    assert claim == "Errors come in bursts too short for an incident: 4 of them, with 80 failed requests."


def test_a_rollup_tells_them_too() -> None:
    requests = log(EVERY_FIVE_HOURS, upstream="10.0.0.2:80")
    assert told(ik.rollup_requests(requests))[0].startswith("Errors come in bursts")


@pytest.mark.parametrize(
    ("begins", "lasts"),
    [([], 20.0), ([4_000, 31_000], 20.0), ([4_000, 31_000, 40_000], 3.0), ([4_000, 31_000, 40_000], 1_200.0)],
    ids=["none", "two only", "of six requests each", "long enough for incidents"],
)
def test_other_errors_are_no_bursts(begins: list[float], lasts: float) -> None:
    assert told(log(begins, lasts=lasts)) == []
