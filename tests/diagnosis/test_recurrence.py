"""Incidents, or bursts within one, that come at regular intervals are said to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

import incident_kit as ik

START = datetime(2026, 1, 5, tzinfo=UTC)
SECONDS = np.arange(0, 2700, 0.05)


def log(is_bad: npt.NDArray[np.bool_], *, fails: bool = False) -> pl.DataFrame:
    """Return forty-five minutes at twenty requests a second, bad ones slow or failing."""
    return pl.DataFrame(
        {
            "start_time": [START + timedelta(seconds=float(second)) for second in SECONDS],
            "method": "GET",
            "route": "/items",
            "status": np.where(is_bad & fails, 503, 200),
            "duration_ms": np.where(is_bad & (not fails), 900.0, 20.0),
        }
    )


def told(requests: pl.DataFrame) -> list[tuple[str, str]]:
    findings = ik.diagnose(requests).findings
    return findings.filter(pl.col("id").is_in(["recurring", "bursts"])).select("id", "claim").rows()


def test_a_job_that_makes_requests_slow_every_ten_minutes_is_said() -> None:
    is_slow = (SECONDS % 600 > 300) & (SECONDS % 600 < 360)
    assert told(log(is_slow)) == [("recurring", "4 latency incidents came every 10 min.")]


def test_a_leak_that_a_restart_empties_every_ten_minutes_is_said_by_the_ends() -> None:
    begins = np.array([310.0, 370.0, 270.0, 420.0, 340.0])[(SECONDS // 600).astype(int)]
    assert told(log(begins < SECONDS % 600)) == [("recurring", "4 latency incidents ended every 10 min.")]


@pytest.mark.parametrize(("fails", "share"), [(False, 1.0), (True, 1.0), (True, 0.3)])
def test_an_instance_that_crashes_every_two_minutes_is_said(fails: bool, share: float) -> None:
    is_down = (SECONDS > 900) & (SECONDS < 1800) & (SECONDS % 120 < 10)
    is_hit = np.random.default_rng(1).uniform(size=len(SECONDS)) < share
    requests = log(is_down & is_hit, fails=fails)
    assert told(requests) == [("bursts", "It comes and goes: 7 bursts, one every 2 min.")]


@pytest.mark.parametrize(
    "is_bad",
    [
        (SECONDS > 900) & (SECONDS < 1800),
        (SECONDS > 900) & (SECONDS < 1800) & (np.random.default_rng(1).uniform(size=len(SECONDS)) < 0.02),
        np.isin(SECONDS // 10, np.random.default_rng(1).choice(np.arange(90, 180), 12, replace=False)),
    ],
    ids=["all the time", "now and then", "bursts at random"],
)
def test_other_incidents_do_not_come_and_go_at_intervals(is_bad: npt.NDArray[np.bool_]) -> None:
    assert told(log(is_bad, fails=True)) == []
