"""The two sides of a comparison, however they are named."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from incident_kit.diagnosis.comparison.compare import compare
from incident_kit.diagnosis.target_words import changes_in_words
from incident_kit.errors import ParameterError
from incident_kit.read.access_log import read_access_log
from incident_kit.reports.inputs.sides import Sides, read_sides
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.notebooks.parameters import CompareReleases
from incident_kit.reports.prose import about
from incident_kit.reports.prose.verdict import verdict

MOMENT = "2026-01-31T10:05:00Z"


def sides(log_file: Path, **given: object) -> Sides:
    asked = validate("compare_releases", {"access_log": str(log_file), **given})
    assert isinstance(asked, CompareReleases)
    return read_sides(asked)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"release": MOMENT}, "the release"),
        ({"events": [f"{MOMENT} deploy v2"]}, "the first event"),
        ({"events": ["2027-01-01T00:00Z later", f"{MOMENT.replace('T', ' ')} v2"]}, "the first event"),
        ({}, "the middle of the data"),
    ],
)
def test_one_log_is_split_in_time_and_says_how(log_file: Path, given: dict[str, object], said: str) -> None:
    both = sides(log_file, **given)
    assert said in repr(both.said)
    sizes = [f"{side.height:,} requests" for side in (both.before, both.after)]
    assert all(size in repr(both.said) for size in sizes)
    assert both.before["start_time"].max() < both.after["start_time"].min()
    assert both.before.height + both.after.height == 6000


def test_a_canary_is_split_by_a_column(log_file: Path) -> None:
    both = sides(log_file, canary="path=/items")
    assert both.after["path"].unique().to_list() == ["/items"]
    assert repr(both.said).startswith("Stable (all that is not path=/items): 3,000 requests; canary (")


def test_two_logs_are_two_sides(log_file: Path) -> None:
    asked = validate("compare_releases", {"before": str(log_file), "after": [str(log_file)]})
    both = read_sides(asked)  # type: ignore[arg-type]
    assert both.before.equals(both.after)
    name = log_file.name
    assert repr(both.said) == f"Before ({name}): 6,000 requests; after ({name}): 6,000 requests."


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"before": "x.log"}, "give both before and after"),
        ({"canary": "colour=green"}, "write column=value"),
        ({"release": "2030-01-01"}, "after it: 0 requests"),
    ],
)
def test_a_side_that_is_not_there_is_said(log_file: Path, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(ParameterError, match=sentence):
        sides(log_file, **given)


def test_the_gate_holds_a_regression_and_says_it_in_words(log_file: Path) -> None:
    both = sides(log_file, release=MOMENT)
    compared = compare(both.before, both.after)
    assert "should be held" in repr(about.gate(compared))
    words = changes_in_words(compared.changes, compared.latency_quantile)
    worst = words.filter(what="failed requests", where="GET /checkout/{id}").row(0, named=True)
    assert worst["after"].startswith("2")
    assert worst["after"].endswith(" %")
    assert worst["change"].endswith(" pp")
    assert worst["could see"].endswith(" pp")
    assert worst["verdict"] == "regression"
    document = verdict("compare_releases", compared)._repr_mimebundle_()[MIME]
    assert document["gate"] == "regression"
    assert document["passed"] is False


def test_without_a_release_none_is_judged(log_file: Path) -> None:
    both = sides(log_file)
    said = repr(about.gate(compare(both.before, both.after), of_release=both.are_of_release))
    assert "should be held" not in said
    assert "No release is known, so this judges none" in said


def test_the_same_on_both_sides_may_go_on(log_file: Path) -> None:
    early = sides(log_file, release=MOMENT).before
    assert "should be held" not in repr(about.gate(compare(early, early)))


def test_too_few_requests_are_no_pass(log_file: Path) -> None:
    few = sides(log_file, release="2026-01-31T10:00:20Z").before
    assert "too little traffic" in repr(about.gate(compare(few, few)))


def test_sides_of_which_one_has_no_durations_do_not_want_more_traffic(log_file: Path) -> None:
    requests = read_access_log(log_file).requests
    untimed = requests.with_columns(duration_ms=pl.lit(None, pl.Float64))
    assert "Only one of the two sides has durations" in repr(about.gate(compare(untimed, requests)))
