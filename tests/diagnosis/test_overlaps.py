"""What a log and its traces, or two logs, have in common, or have not, is said where it matters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.causes.traced import traced
from incident_kit.diagnosis.overlaps import notes_on_overlaps
from incident_kit.measure.rollups.rollup import rollup_requests

Sample = tuple[pl.DataFrame, pl.DataFrame]


@pytest.fixture(scope="module")
def sample(samples: Path) -> Sample:
    folder = samples / "slow-database"
    log, traces = ik.read_access_log(folder / "access.log.gz"), ik.read_traces(folder / "traces.jsonl.gz")
    return log.requests, traces.spans


def notes(requests: pl.DataFrame, spans: pl.DataFrame) -> list[str]:
    with ThreadPoolExecutor(1) as executor:
        return notes_on_overlaps(requests, rollup_requests(requests), traced(spans, executor))


def test_a_log_and_its_own_traces_are_nothing_to_speak_of(sample: Sample) -> None:
    assert notes(*sample) == []


def test_traces_by_another_clock_state_what_they_do_by_the_same(sample: Sample) -> None:
    requests, spans = sample
    late = spans.with_columns(pl.col("start") - timedelta(minutes=5))
    found = ik.diagnose(requests, late)
    (said,) = found.to_dict()["inputs"]["notes"]
    assert said.startswith("The log's clock is about ")
    assert said.endswith("by the requests that are in both; the traces were put on the log's.")
    stated = [one.dependencies.filter("stated")["name"] for one in (found, ik.diagnose(requests, spans))]
    assert stated[0].to_list() == stated[1].to_list() != []


def test_a_request_that_two_proxies_logged_counts_twice(sample: Sample) -> None:
    requests, spans = sample
    edge = requests.with_columns(source=pl.lit("/var/log/edge.log"))
    (said,) = notes(pl.concat([requests, edge]), spans)
    assert said.startswith("access.log.gz and edge.log hold the same requests (")
    (said,) = notes(
        pl.concat([requests, requests.with_columns(source=pl.lit("/other/access.log.gz"))]), spans
    )
    assert " and /" in said
    assert "/other/access.log.gz" in said


def test_a_log_that_was_rotated_counts_each_request_once(sample: Sample) -> None:
    requests, spans = sample
    half = pl.when(pl.int_range(pl.len()) < pl.len() // 2).then(pl.lit("access.log.1")).otherwise("source")
    assert notes(requests.with_columns(source=half), spans) == []


def test_a_few_requests_that_are_in_two_files_were_written_when_one_was_cut(sample: Sample) -> None:
    requests, spans = sample
    cut = requests.head(19).with_columns(source=pl.lit("access.log.1"))
    assert notes(pl.concat([requests, cut]), spans) == []


@pytest.mark.parametrize(
    ("apart", "said"),
    [
        (timedelta(hours=2), "Log and traces have no time in common: the traces are of "),
        (timedelta(minutes=5), "The traces are of "),
    ],
)
def test_traces_of_another_time_are_said_to_be_of_that(sample: Sample, apart: timedelta, said: str) -> None:
    requests, spans = sample
    nameless = requests.with_columns(trace_id=pl.lit(None, dtype=pl.String))
    found = ik.diagnose(nameless, spans.with_columns(pl.col("start") + apart))
    (note,) = found.to_dict()["inputs"]["notes"]
    assert note.startswith(said)
