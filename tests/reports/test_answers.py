"""Each notebook answers its own question, on bad days and on good ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import polars as pl
import pytest

from incident_kit.diagnosis.comparison.compare import compare
from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.notebooks.parameters import NOTEBOOKS
from incident_kit.reports.prose import account, impact, say
from incident_kit.reports.prose.advice import advice
from incident_kit.reports.prose.answers import answer
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.reports.prose.verdict import verdict

DIAGNOSING = [name for name in NOTEBOOKS if name != "compare_releases"]


@pytest.fixture
def slow(found: Diagnosis) -> Diagnosis:
    """The same incident, broken by slow requests only."""
    kinds = {"indicator": pl.lit("latency"), "kind": pl.lit("latency")}
    return replace(found, incidents=found.incidents.with_columns(**kinds))


@pytest.fixture
def two(slow: Diagnosis) -> Diagnosis:
    """The incident, and a smaller one a day later."""
    later = slow.incidents.with_columns(pl.col("start", "end").dt.offset_by("1d"), excess=1.0, incident=1)
    return replace(slow, incidents=pl.concat([slow.incidents, later.cast(slow.incidents.schema)]))


@pytest.mark.parametrize("name", ["triage", "postmortem"])
def test_where_there_are_several_incidents_that_is_said(slow: Diagnosis, two: Diagnosis, name: str) -> None:
    assert answer(name, two) == f"{answer(name, slow)} It is the costliest; 1 other incident was found."


def test_what_is_said_of_one_incident_is_told_from_the_others(two: Diagnosis, evidence: Evidence) -> None:
    told = say.onset(two, 0).lines
    assert told[1:] == ("What follows is about this one; 1 other incident was found.",)
    well = repr(account.what_went_well(two, evidence))
    assert "During the latency incident from 2026-01-31 10:05:0" in well
    assert "2026-02-01" not in well, "no request was served in the other one"


def test_advice_that_several_incidents_share_is_given_once(two: Diagnosis) -> None:
    twice = pl.concat([two.findings, two.findings.with_columns(incident=1)], how="vertical_relaxed")
    assert len(advice(replace(two, findings=twice)).rows) == two.findings.height


@pytest.mark.parametrize("name", ["triage", "latency_regression", "postmortem", "mine"])
def test_an_incident_is_said_with_onset_and_endpoint(slow: Diagnosis, name: str) -> None:
    assert answer(name, slow).startswith("Latency incident from 2026-01-31 10:05:0")
    assert "mostly GET /checkout/{id}" in answer(name, slow)


APART = {"attribute": "file", "value": "web2.log", "share": 0.9, "separation": 0.99, "separates": True}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (APART, "(3 min), mostly requests in web2.log"),
        (
            APART | {"attribute": "endpoint & ?locale", "value": "GET /a & tr"},
            "mostly GET /a with ?locale=tr",
        ),
        (APART | {"attribute": "status", "value": "504"}, "mostly GET /checkout/{id}"),
        (APART | {"share": 0.4}, "mostly GET /checkout/{id}"),
        (APART | {"separates": False}, "mostly GET /checkout/{id}"),
    ],
)
def test_what_tells_more_than_any_endpoint_is_named_in_its_place(
    slow: Diagnosis, row: dict[str, object], says: str
) -> None:
    first = slow.attributes.head(1).with_columns(pl.lit(value).alias(name) for name, value in row.items())
    others = slow.attributes.filter(pl.col("attribute") != "status")
    told = answer("triage", replace(slow, attributes=pl.concat([first, others])))
    assert says in told


def blaming(found: Diagnosis, *names: str, stated: bool = False) -> Diagnosis:
    """Return a diagnosis with dependencies that cannot be told apart."""
    rows = [
        {"incident": 0, "name": name, "kind": "service", "score": 0.5, "stated": stated, "evidence": "slower"}
        for name in names
    ]
    return replace(found, dependencies=pl.DataFrame(rows, schema=found.dependencies.schema))


def test_a_group_that_is_the_cause_is_named_once(slow: Diagnosis) -> None:
    upstream = APART | {"attribute": "upstream", "value": "10.0.0.7:80"}
    first = slow.attributes.head(1).with_columns(
        pl.lit(value).alias(name) for name, value in upstream.items()
    )
    blamed = blaming(slow, "10.0.0.7:80", stated=True)
    told = answer("triage", replace(blamed, attributes=first))
    assert "(3 min), because of 10.0.0.7:80: " in told


@pytest.mark.parametrize(("number", "says"), [(1, ", perhaps a: "), (2, ", perhaps a or b: "), (3, "{id}: ")])
def test_as_many_candidates_are_named_as_help(slow: Diagnosis, number: int, says: str) -> None:
    assert says in answer("triage", blaming(slow, *"abc"[:number]))


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


def test_an_outage_is_told_by_what_never_arrived(found: Diagnosis) -> None:
    kinds = {"indicator": pl.lit("traffic"), "kind": pl.lit("outage")}
    silent = replace(found, incidents=found.incidents.with_columns(**kinds))
    said = answer("postmortem", silent)
    assert " requests never arrived, or were never logged. It cost " in said
    assert "mostly" not in said
    assert not said.endswith(" 0 % of the budget of 30 days.")
    cost = dict(impact.impact(silent, 0).iter_rows())
    assert cost["requests that never arrived"].startswith(f"{silent.incidents['bad'][0]:,} (")
    assert "bad requests" not in cost
    assert "missing traffic" in repr(impact.alerts(silent, 0))
    assert "never arrived" in repr(say.endpoint(silent, 0))
    assert "still good" not in repr(account.what_went_well(silent, Evidence()))


@pytest.mark.parametrize("name", ["triage", "error_spike", "postmortem"])
def test_a_window_that_was_given_and_harmed_nobody_is_called_no_incident(found: Diagnosis, name: str) -> None:
    unharmed = replace(found, incidents=found.incidents.with_columns(worse=pl.lit(value=False)))
    assert answer(name, unharmed).startswith("No request was surely worse from ")
    assert "incident" not in f"{answer(name, unharmed)} {say.onset(unharmed, 0)}"


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.9, ", mostly GET /checkout/{id}"),
        (0.15, ", above all GET /checkout/{id}"),
        (0.004, ", spread over many endpoints"),
    ],
)
def test_an_endpoint_is_named_as_strongly_as_its_share_allows(
    slow: Diagnosis, share: float, said: str
) -> None:
    endpoints = slow.endpoints.with_columns(share=pl.lit(share))
    assert said in answer("triage", replace(slow, endpoints=endpoints))


def all_failing(endpoints: int) -> Diagnosis:
    """Diagnose twenty minutes in which each of some endpoints answers nothing but errors for three."""
    number = pl.int_range(12_000)
    return diagnose(
        pl.select(
            start_time=pl.lit(datetime(2026, 1, 31, 10, tzinfo=UTC)) + pl.duration(milliseconds=100 * number),
            method=pl.lit("GET"),
            route=pl.format("/{}", number % endpoints),
            status=pl.when(number.is_between(6_000, 8_000)).then(500).otherwise(200),
        )
    )


@pytest.mark.parametrize("endpoints", [2, 3])
def test_endpoints_that_cannot_be_told_apart_are_named_together(endpoints: int) -> None:
    said = answer("triage", all_failing(endpoints))
    assert ", at GET /" in said
    assert said.count("GET /") == endpoints


def test_of_many_endpoints_that_cannot_be_told_apart_none_is_named() -> None:
    said = answer("triage", all_failing(5))
    assert ", spread over many endpoints" in said
    assert "GET /" not in said


def test_three_endpoints_are_said_to_have_become_bad_alike() -> None:
    assert repr(say.endpoint(all_failing(3), 0)).endswith("of the extra bad requests: all three got worse.")


def test_nothing_went_well_where_every_request_failed() -> None:
    assert "still good" not in repr(account.what_went_well(all_failing(1), Evidence()))


def test_a_notebook_about_failures_does_not_answer_with_slowness(slow: Diagnosis) -> None:
    said = answer("error_spike", slow)
    assert said.startswith("No incident of errors alone; the latency incident from 2026-01-31 10:05:0")
    assert " stands on its own page, latency_regression. In it 20 % of the requests failed, before " in said


def test_a_notebook_about_slowness_tells_how_slow_another_incident_was(found: Diagnosis) -> None:
    failing = replace(found, incidents=found.incidents.with_columns(indicator=pl.lit("errors")))
    said = answer("latency_regression", failing)
    assert said.startswith("No incident of slowness alone; the ")
    assert " stands on its own page, error_spike. The p95 of all requests went from " in said


def test_a_log_without_durations_is_not_said_to_have_been_quick(evidence: Evidence) -> None:
    untimed = evidence.requests.with_columns(duration_ms=pl.lit(None, pl.Float64))  # type: ignore[union-attr]
    found = diagnose(untimed)
    said = answer("latency_regression", found)
    assert said.startswith(
        "Nothing can be said about latency, for no request has a duration; the error incident"
    )
    assert "Nothing can be said about latency" in repr(say.slower(found, None))


@pytest.mark.parametrize("name", ["latency_regression", "error_spike"])
def test_from_a_single_request_nothing_is_concluded(evidence: Evidence, name: str) -> None:
    found = diagnose(evidence.requests.head(1))  # type: ignore[union-attr]
    assert answer(name, found) == "There are too few requests to judge any of the targets."


def test_an_outage_belongs_to_the_notebook_about_failures(found: Diagnosis) -> None:
    kinds = {"indicator": pl.lit("availability"), "kind": pl.lit("outage")}
    silent = replace(found, incidents=found.incidents.with_columns(**kinds))
    assert answer("error_spike", silent).startswith("Outage from ")


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


@pytest.mark.parametrize(("priority", "said"), [("reliability", True), ("security", False)])
@pytest.mark.parametrize("name", ["triage", "dependencies", "postmortem"])
def test_what_is_unreliable_without_an_incident_is_in_the_answer(
    healthy: Diagnosis, found: Diagnosis, name: str, priority: str, said: bool
) -> None:
    hidden = found.findings.head(1).with_columns(
        claim=pl.lit("a failed b."), priority=pl.lit(priority, found.findings["priority"].dtype)
    )
    told = answer(name, replace(healthy, findings=hidden))
    assert told.startswith("No incident was found")
    assert told.endswith(" a failed b.") is said


def test_what_is_bad_from_the_first_line_to_the_last_did_not_begin(healthy: Diagnosis) -> None:
    bad = replace(healthy, verdicts=healthy.verdicts.with_columns(verdict=pl.lit("breached")))
    assert answer("error_spike", bad).startswith("Requests fail throughout the data: ")
    assert answer("latency_regression", bad).startswith("Requests are slow throughout the data: 95 % of the ")
