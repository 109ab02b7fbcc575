"""Requests whose lines tell no time are counted as left out, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.measure.rollups.merging import merge
from incident_kit.measure.rollups.rollup import UNTIMED, UNTIMED_NOTE, rollup_requests

Make = Callable[..., pl.DataFrame]
UVICORN = 'INFO:     127.0.0.1:5000 - "GET /a HTTP/1.1" 200 OK\n'


@pytest.fixture
def timed(make_requests: Make) -> pl.DataFrame:
    return make_requests(*({"at": second} for second in range(600)))


@pytest.fixture
def untimed(timed: pl.DataFrame) -> pl.DataFrame:
    return timed[:30].with_columns(start_time=pl.lit(None, timed["start_time"].dtype))


def test_requests_without_a_time_are_counted_and_all_others_as_without_them(
    timed: pl.DataFrame, untimed: pl.DataFrame
) -> None:
    rollup, plain = rollup_requests(pl.concat([untimed, timed])), rollup_requests(timed)
    assert rollup.counts.equals(plain.counts)
    assert (rollup.meta.requests, rollup.meta.excluded) == (630, 30)
    assert rollup.excluded.select("reason", "requests").rows() == [(UNTIMED, 30)]
    assert rollup.meta.notes == (UNTIMED_NOTE,)


def test_parts_of_a_log_add_up_to_one_note(timed: pl.DataFrame, untimed: pl.DataFrame) -> None:
    parts = [pl.concat([untimed[:10], timed]), untimed[10:], timed]
    rollup = merge([rollup_requests(part, bucket_s=1, ordered=False) for part in parts])
    assert (rollup.meta.requests, rollup.meta.excluded) == (1230, 30)
    assert rollup.meta.notes == (UNTIMED_NOTE,)


def test_a_log_that_writes_no_time_is_said_to_write_none(tmp_path: Path) -> None:
    log = tmp_path / "uvicorn.log"
    log.write_text(UVICORN * 50)
    for found in (ik.diagnose(ik.read_access_log(log).requests), ik.diagnose(ik.rollup(log))):
        assert found.inputs["requests"] == found.inputs["excluded"] == 50
        assert found.inputs["notes"] == [UNTIMED_NOTE]
        assert {*found.verdicts["verdict"]} == {"not enough data"}
