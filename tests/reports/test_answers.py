"""Each notebook answers its own question, on bad days and on good ones."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from incident_kit.diagnosis.compare import compare
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.reports.answers import answer
from incident_kit.reports.parameters import NOTEBOOKS
from incident_kit.reports.sentences import Sentences
from incident_kit.reports.verdict import verdict

DIAGNOSING = [name for name in NOTEBOOKS if name != "compare_releases"]


@pytest.fixture
def slow(found: Diagnosis) -> Diagnosis:
    """The same incident, broken by slow requests only."""
    kinds = {"indicator": pl.lit("latency"), "kind": pl.lit("latency")}
    return replace(found, incidents=found.incidents.with_columns(**kinds))


@pytest.mark.parametrize("name", ["triage", "latency_regression", "postmortem", "mine"])
def test_an_incident_is_said_with_onset_and_endpoint(slow: Diagnosis, name: str) -> None:
    assert answer(name, slow).startswith("Latency incident from 2026-01-31 10:05:0")
    assert "mostly GET /checkout/{id}" in answer(name, slow)


def test_an_incident_is_said_with_its_end_its_length_and_its_size(slow: Diagnosis) -> None:
    said = answer("triage", slow)
    assert " to 10:08:0" in said
    assert " UTC (3 min" in said
    assert said.endswith(f": {slow.incidents['bad'][0]:,} bad requests.")


def test_an_incident_that_is_not_over_is_said_to_be_so(slow: Diagnosis) -> None:
    open_ended = slow.incidents.with_columns(end=pl.lit(None, slow.incidents["end"].dtype))
    said = answer("triage", replace(slow, incidents=open_ended))
    assert said.startswith("Latency incident since 2026-01-31 10:05:0")
    assert "UTC, not over when the data end, mostly GET /checkout/{id}" in said


def test_a_notebook_about_failures_does_not_answer_with_slowness(slow: Diagnosis) -> None:
    said = answer("error_spike", slow)
    assert said.startswith("Nothing of this kind was found; latency_regression looks into the latency ")


def test_the_postmortem_says_what_it_cost(found: Diagnosis) -> None:
    assert " bad requests. It cost " in answer("postmortem", found)
    assert "of the budget of 30 days" in answer("postmortem", found)


def test_dependencies_says_what_the_evidence_points_to(traced: Diagnosis) -> None:
    assert "payments" in answer("dependencies", traced)


@pytest.mark.parametrize("name", DIAGNOSING)
def test_a_quiet_day_is_said_by_every_notebook(healthy: Diagnosis, name: str) -> None:
    assert answer(name, healthy).startswith(("No incident was found", "Nothing b"))


def test_a_gate_says_what_it_compared(found: Diagnosis) -> None:
    said = Sentences(("Before and after the release.",))
    document = verdict("compare_releases", compare(found.rollup, found.rollup), said).document
    assert document["answer"].endswith("Before and after the release.")
