"""A proxy that asks the next server where one fails hides it from everybody but its own log."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
A, B = "10.0.0.1:80", "10.0.0.2:80"


def log(share: int, *, retried: bool = True) -> pl.DataFrame:
    """Twenty minutes of five requests a second to two servers; for five, so many in ten of A's fail there."""
    rows = []
    for number in range(6000):
        at = START + timedelta(seconds=number / 5)
        fails = 2400 <= number < 3900 and number % 2 == 0 and number // 2 % 10 < share
        answer = {"addr": B, "status": 200, "ms": 20.0}
        listed = {"attempts": [{"addr": A, "status": 502, "ms": 3.0}, answer]} if fails and retried else {}
        rows.append(
            {
                "start_time": at, "method": "GET", "route": "/x", "duration_ms": 24.0,
                "status": 200 if retried or not fails else 502, "extra": json.dumps(listed),
                "upstream_addr": B if number % 2 or (fails and retried) else A, "upstream_status": 200,
                "upstream_duration_ms": 20.0, "upstream_attempts": 2 if fails and retried else 1,
            }
        )  # fmt: skip
    return conform(pl.DataFrame(rows), REQUESTS)


def test_a_server_that_fails_while_others_answer_is_named() -> None:
    found = ik.diagnose(log(6))
    assert found.incidents.is_empty()
    (finding,) = found.findings.filter(id="hidden-failures").iter_rows(named=True)
    assert finding["claim"] == f"{A} failed the proxy, though the requests hardly show it."
    assert finding["evidence"].startswith("60 % (")
    assert "between 2026-01-05 08:08:0" in finding["evidence"]


@pytest.mark.parametrize(
    "requests", [log(0), log(6, retried=False)], ids=["healthy", "nothing is tried again"]
)
def test_where_nothing_is_hidden_nothing_is_said(requests: pl.DataFrame) -> None:
    assert "hidden-failures" not in ik.diagnose(requests).findings["id"].to_list()
