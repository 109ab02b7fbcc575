"""What a log and its traces, or two logs, have in common, or have not, is said where it matters."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik


def read(samples: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    folder = samples / "slow-database"
    log, traces = ik.read_access_log(folder / "access.log.gz"), ik.read_traces(folder / "traces.jsonl.gz")
    return log.requests, traces.spans


def notes(requests: pl.DataFrame, spans: pl.DataFrame | None) -> list[str]:
    found: list[str] = ik.diagnose(requests, spans).to_dict()["inputs"]["notes"]
    return found


def test_a_log_and_its_own_traces_are_nothing_to_speak_of(samples: Path) -> None:
    assert notes(*read(samples)) == []


def test_traces_by_another_clock_state_what_they_do_by_the_same(samples: Path) -> None:
    requests, spans = read(samples)
    late = spans.with_columns(pl.col("start") - timedelta(minutes=5))
    found = ik.diagnose(requests, late)
    (said,) = found.to_dict()["inputs"]["notes"]
    assert said.startswith("The log's clock is about ")
    assert said.endswith("by the requests that are in both; the traces were put on the log's.")
    stated = [one.dependencies.filter("stated")["name"] for one in (found, ik.diagnose(requests, spans))]
    assert stated[0].to_list() == stated[1].to_list() != []


def test_a_request_that_two_proxies_logged_counts_twice(samples: Path) -> None:
    requests, spans = read(samples)
    edge = requests.with_columns(source=pl.lit("/var/log/edge.log"))
    (said,) = notes(pl.concat([requests, edge]), spans)
    assert said.startswith("access.log.gz and edge.log hold the same requests (")
    (said,) = notes(
        pl.concat([requests, requests.with_columns(source=pl.lit("/other/access.log.gz"))]), spans
    )
    assert " and /" in said
    assert "/other/access.log.gz" in said


def test_a_log_that_was_rotated_counts_each_request_once(samples: Path) -> None:
    requests, spans = read(samples)
    half = pl.when(pl.int_range(pl.len()) < pl.len() // 2).then(pl.lit("access.log.1")).otherwise("source")
    assert notes(requests.with_columns(source=half), spans) == []


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (timedelta(hours=2), "Log and traces have no time in common: the traces are of "),
        (timedelta(minutes=5), "The traces are of "),
    ],
)
def test_traces_of_another_time_are_said_to_be_of_that(samples: Path, apart: timedelta, said: str) -> None:
    requests, spans = read(samples)
    nameless = requests.with_columns(trace_id=pl.lit(None, dtype=pl.String))
    (note,) = notes(nameless, spans.with_columns(pl.col("start") + apart))
    assert note.startswith(said)
