"""Sentences answer with numbers where there is an answer, and say so where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.notebooks.parameter_check import validate
from incident_kit.reports.prose import about, chosen, incident_phrases, say
from incident_kit.reports.prose.advice import NOTHING, advice, advice_on
from incident_kit.reports.prose.answers import answer
from incident_kit.reports.prose.breakdown import of_incident, statuses
from incident_kit.reports.prose.chosen import windows
from incident_kit.reports.prose.dead_ends import instead
from incident_kit.reports.prose.sentences import Sentences
from incident_kit.reports.prose.verdict import SCHEMA, verdict


def test_the_onset_is_said_with_its_time_and_length(found: Diagnosis) -> None:
    sentence = repr(say.onset(found, chosen.worst(found)))
    assert "began at 2026-01-31 10:05:0" in sentence
    assert "after 3 min" in sentence


def test_times_are_said_in_the_readers_zone_too(found: Diagnosis) -> None:
    assert "(11:05:0" in repr(say.onset(found, 0, "Europe/Vienna"))


def test_an_end_that_is_provisional_is_called_so(found: Diagnosis) -> None:
    unsure = replace(found, incidents=found.incidents.with_columns(provisional=True))
    assert "provisional" in repr(say.onset(unsure, 0))


def test_what_is_not_over_has_no_provisional_end(found: Diagnosis) -> None:
    changes = {"provisional": pl.lit(True), "end": pl.lit(None, pl.Datetime("us", "UTC"))}
    said = repr(say.onset(replace(found, incidents=found.incidents.with_columns(**changes)), 0))
    assert "was not over when the data end; of the last stretch, slow requests are not logged yet" in said


def test_an_incident_that_the_data_begin_with_may_be_older(found: Diagnosis) -> None:
    older = replace(found, incidents=found.incidents.with_columns(began_before=pl.lit(value=True)))
    said = repr(say.onset(older, 0))
    assert "UTC or earlier (the data begin with it) and ended" in said
    assert "after at least 3 min" in said


def test_an_interval_without_a_width_is_not_said(found: Diagnosis) -> None:
    exact = found.endpoints.head(1).with_columns(pl.lit(0.5).alias(name) for name in ("share", "low", "high"))
    assert "explains 50 % of the extra" in repr(say.endpoint(replace(found, endpoints=exact), 0))


def test_an_incident_without_an_end_is_not_over(found: Diagnosis) -> None:
    open_ended = replace(
        found, incidents=found.incidents.with_columns(end=pl.lit(None, found.incidents["end"].dtype))
    )
    assert "was not over when the data end" in repr(say.onset(open_ended, 0))
    during, _ = windows(open_ended, 0)
    assert during.end > found.rollup.meta.last  # type: ignore[operator]


def test_the_endpoint_is_named_with_its_share(found: Diagnosis) -> None:
    assert repr(say.endpoint(found, 0)).startswith("GET /checkout/{id} explains ")
    assert "got worse" in repr(say.endpoint(found, 0))


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (
            {"route": "/b"},
            "GET /a explains 52 % and GET /b explains 48 % of the extra bad requests: both got worse.",
        ),
        (
            {"route": "/b", "rate_share": 0.0, "mix_share": 0.48},
            "GET /a explains 52 % and GET /b explains 48 % of the extra bad requests: the first got worse, "
            "the second got more traffic.",
        ),
        (
            {"route": "/b", "baseline_requests": 0},
            "GET /a explains 52 % and GET /b explains 48 % of the extra bad requests: the first got worse, "
            "the second had no traffic before.",
        ),
        (
            {"route": "/b", "share": 0.2},
            "GET /a explains 52 % of the extra bad requests, because it got worse.",
        ),
        ({"route": "(unexplained)"}, "GET /a explains 52 % of the extra bad requests, because it got worse."),
    ],
)
def test_a_second_endpoint_is_named_where_it_explains_nearly_as_much(
    found: Diagnosis, second: dict[str, object], said: str
) -> None:
    row = {**found.endpoints.row(0, named=True), "method": "GET", "route": "/a", "mix_share": 0.0}
    first = {**row, "share": 0.52, "low": 0.52, "high": 0.52, "rate_share": 0.52}
    beside = {**first, "share": 0.48, "low": 0.48, "high": 0.48, **second}
    two = pl.DataFrame([first, beside], schema=found.endpoints.schema)
    assert repr(say.endpoint(replace(found, endpoints=two), 0)) == said


def test_where_no_endpoint_stands_out_that_is_said(found: Diagnosis) -> None:
    spread = replace(found, endpoints=found.endpoints.with_columns(share=pl.lit(0.001)))
    sentence = repr(say.endpoint(spread, 0))
    assert sentence.startswith("The extra bad requests are spread over ")
    assert " 0 %" not in sentence


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("stock", "The evidence does not tell cart from stock; cart comes first: it grew."),
        ("(unexplained)", "The evidence establishes no cause; cart comes first: it grew."),
    ],
)
def test_a_candidate_is_set_against_its_rival(found: Diagnosis, second: str, said: str) -> None:
    shared = {"incident": 0, "share": 0.5, "low": 0.4, "high": 0.6, "stated": False, "evidence": "it grew"}
    rows = [{**shared, "name": name, "kind": "service", "score": 0.5} for name in ("cart", second)]
    assert repr(say.dependency(replace(found, dependencies=pl.DataFrame(rows)), 0)) == said


def test_an_incident_in_two_zones_is_said_with_one_bracket(found: Diagnosis) -> None:
    said = incident_phrases.when(found.incidents.row(0, named=True), "Asia/Tokyo")
    assert (said.count("("), said.endswith(")")) == (1, True)


def test_a_dead_end_names_what_comes_closest(healthy: Diagnosis) -> None:
    assert chosen.worst(healthy) is None
    sentence = repr(say.onset(healthy, None))
    assert sentence.startswith("No incident was found from 2026-01-31 10:00:00 to 10:")
    assert "The slowest endpoint is GET /" in sentence
    assert "no excess" in repr(say.endpoint(healthy, None))
    assert "nothing to blame" in repr(say.dependency(healthy, None))


def test_the_slowest_endpoint_is_that_of_the_highest_quantile_over_all_of_the_data() -> None:
    """One is slow now and then, the other all the time, and less so."""
    second = pl.int_range(3600)
    at = pl.datetime_range(
        pl.datetime(2026, 1, 5, 8), pl.datetime(2026, 1, 5, 8, 59, 59), "1s", time_zone="UTC"
    )
    rare = pl.when(second % 600 < 40).then(75.0).otherwise(20.0)
    parts = [
        pl.select(start_time=at, method=pl.lit("GET"), route=pl.lit(route), status=200, duration_ms=took)
        for route, took in (("/rare", rare), ("/steady", pl.lit(60.0)))
    ]
    sentence = repr(say.onset(ik.diagnose(pl.concat(parts), targets={"latency_ms": 1000}), None))
    assert sentence.endswith("The slowest endpoint is GET /rare, with a p95 of 75 ms.")


def test_a_day_with_too_few_requests_is_not_called_healthy(healthy: Diagnosis) -> None:
    few = replace(healthy, verdicts=healthy.verdicts.with_columns(verdict=pl.lit("not enough data")))
    assert repr(say.onset(few, None)).endswith("There are too few requests to judge any of the targets.")


def test_where_only_another_kind_of_incident_is_that_one_is_named(found: Diagnosis) -> None:
    only = replace(found, incidents=found.incidents.head(1))
    (kind,) = only.incidents["indicator"]
    other = "errors" if kind == "latency" else "latency"
    sentence = repr(say.onset(only, chosen.worst(only, other)))
    assert sentence.startswith("No incident of ")
    assert f"stands on its own page, {incident_phrases.DEEPER[kind][0]}." in sentence


def test_what_another_page_shows_is_not_said_to_be_absent(found: Diagnosis) -> None:
    there = "There is no incident of slowness alone here; for the error incident, see error_spike."
    assert repr(say.endpoint(found, None)) == there
    assert repr(say.dependency(found, None)) == there
    assert repr(advice_on(replace(found, findings=found.findings.clear()), None)) == there
    assert instead(found, None, "") == there
    assert repr(say.slower(found, None)).startswith(
        "In the error incident, the p95 of GET /checkout/{id} moved"
    )


def test_an_empty_part_says_whether_there_is_an_incident(found: Diagnosis, healthy: Diagnosis) -> None:
    assert instead(found, 0, "No request of it is known.") == "No request of it is known."
    assert instead(healthy, None, "No request of it is known.") == "There is no incident to show this of."


def test_the_quantile_that_moved_is_said_in_milliseconds(found: Diagnosis) -> None:
    sentence = repr(say.slower(found, 0))
    assert sentence.startswith("The p95 of GET /checkout/{id} moved from ")
    assert " ms to " in sentence


def test_what_is_missing_is_said_with_what_it_would_add() -> None:
    untimed = pl.DataFrame({"duration_ms": [None]}, schema={"duration_ms": pl.Float64})
    sentences = repr(about.what_is_missing(Evidence(requests=untimed)))
    assert "add $request_time" in sentences
    assert "With traces" in sentences
    assert "With the access log" in repr(about.what_is_missing(Evidence(spans=pl.DataFrame())))


def test_what_is_asked_names_every_target_and_the_data() -> None:
    asked = validate("error_spike", {"access_log": "a.log", "latency_ms": 300, "mask": False})
    sentences = repr(about.what_is_asked(asked))
    assert "Data: a.log." in sentences
    assert "within 300 ms" in sentences
    assert "do not pass this on" in sentences
    assert "sample incident bad-release" in repr(about.what_is_asked(validate("error_spike", {})))


def test_names_between_backticks_are_shown_as_code_and_still_cannot_act() -> None:
    shown = Sentences(("Give `baseline`.", "`<b>`"))._repr_html_()
    assert "Give <code>baseline</code>." in shown
    assert "<code>&lt;b&gt;</code>" in shown


def test_sentences_cannot_act() -> None:
    hostile = Sentences(("<script>alert(1)</script>\x1b[31m",))
    assert "<script>" not in hostile._repr_html_()
    assert "\x1b" not in repr(hostile)


def test_the_verdict_is_one_sentence_and_one_document(found: Diagnosis) -> None:
    bundle = verdict("error_spike", found)._repr_mimebundle_()
    document = bundle[MIME]
    assert document["schema"] == SCHEMA
    assert document["answer"] == bundle["text/plain"]
    assert document["incidents"][0]["endpoints"][0]["route"] == "/checkout/{id}"
    assert document["targets"]["latency_ms"] == 200.0


@pytest.mark.parametrize("incident", [None, 0])
def test_statuses_are_compared_with_before(found: Diagnosis, incident: int | None) -> None:
    table = statuses(found, incident)
    if incident is None:
        assert table.is_empty()
        return
    failed = table.filter(status=503, route="/checkout/{id}").row(0, named=True)
    assert failed["during_rate"] == pytest.approx(0.4, abs=0.05)
    assert failed["before_rate"] == 0


def test_statuses_of_a_log_without_methods_are_compared_too(found: Diagnosis) -> None:
    """Its rollup has no methods, and the names of its endpoints an empty one; a status may be absent too."""
    counts = found.rollup.counts.with_columns(
        method=pl.lit(None, pl.String), status=pl.col("status").replace(200, None)
    )
    nameless = replace(
        found,
        rollup=replace(found.rollup, counts=counts),
        endpoints=found.endpoints.with_columns(method=pl.lit("")),
    )
    rates = {row["status"]: row["before_rate"] for row in statuses(nameless, 0).to_dicts()}
    assert rates == {None: 1, 503: 0}


def test_rows_of_no_incident_are_none(found: Diagnosis) -> None:
    assert of_incident(found.endpoints, None).is_empty()
    assert "incident" not in of_incident(found.endpoints, 0).columns


def test_the_baseline_lies_before_the_incident(found: Diagnosis) -> None:
    during, before = windows(found, 0)
    assert before.start < during.start
    assert abs(during.duration - timedelta(minutes=3)) < timedelta(seconds=30)


def test_advice_shows_claims_with_their_evidence_and_says_when_there_is_none(
    found: Diagnosis, healthy: Diagnosis
) -> None:
    assert healthy.findings.is_empty()
    assert repr(advice_on(healthy, None)) == NOTHING
    assert len(advice(found).rows) == found.findings.height
    shown = advice_on(found, 0)
    assert (
        len(shown.rows)
        == found.findings.filter((pl.col("incident") == 0) | pl.col("incident").is_null()).height
    )
    assert all(row["claim"].split("<")[0][:20] in shown._repr_html_() for row in shown.rows)


@pytest.mark.parametrize(("traces", "said"), [("slow-database", False), ("bad-release", True)])
def test_a_log_and_traces_that_share_none_are_not_all_that_was_needed(
    samples: Path, traces: str, said: bool
) -> None:
    log = ik.read_access_log(samples / "slow-database" / "access.log.gz").requests
    spans = ik.read_traces(samples / traces / "traces.jsonl.gz").spans
    missing = repr(about.what_is_missing(Evidence(requests=log, spans=spans)))
    assert ("No request of the log has its trace here" in missing) == said


CHANGED = {
    "incident": 0, "name": "cartographer", "kind": "service", "score": 0.5, "share": 0.5, "low": 0.4,
    "high": 0.6, "stated": False, "evidence": "it grew", "objection": None,
}  # fmt: skip
"""A candidate that is not stated."""


@pytest.mark.parametrize(
    ("rival", "said"),
    [
        ({"score": 0.0, "evidence": "nothing about it changed beyond chance"}, "establishes no cause"),
        ({"score": 0.1}, "establishes no cause"),
        ({"score": 0.49}, "does not tell cart from stock"),
    ],
    ids=["unchanged", "hardly changed", "changed as much"],
)
def test_only_who_changed_as_much_is_a_rival(found: Diagnosis, rival: dict[str, object], said: str) -> None:
    rows = pl.DataFrame([CHANGED | {"name": "cart"}, CHANGED | {"name": "stock"} | rival])
    assert repr(say.dependency(replace(found, dependencies=rows), 0)).startswith(f"The evidence {said};")


@pytest.mark.parametrize("kind", ["outage", "traffic"])
def test_nobody_is_to_blame_for_what_no_dependency_does(found: Diagnosis, kind: str) -> None:
    changed = replace(found, dependencies=pl.DataFrame([CHANGED]))
    none = replace(changed, incidents=found.incidents.with_columns(kind=pl.lit(kind)))
    assert repr(say.dependency(none, 0)).startswith("No dependency is to blame: ")
    assert "cartographer" in answer("triage", changed)
    assert "cartographer" not in answer("triage", none)


@pytest.mark.parametrize(
    ("objection", "said"), [(None, True), ("the requests that went bad do not pass through it", False)]
)
def test_who_is_spoken_for_is_no_answer(found: Diagnosis, objection: str | None, said: bool) -> None:
    rows = pl.DataFrame([CHANGED | {"objection": objection}])
    assert ("perhaps cartographer" in answer("triage", replace(found, dependencies=rows))) is said


def of_kinds(found: Diagnosis, *kinds: tuple[str, str]) -> Diagnosis:
    """Return the diagnosis with incidents of these kinds and indicators, the first one the costliest."""
    one = found.incidents.head(1)
    rows = [
        one.with_columns(
            incident=pl.lit(number, pl.Int64),
            kind=pl.lit(kind, one["kind"].dtype),
            indicator=pl.lit(indicator, one["indicator"].dtype),
            excess=pl.lit(1000.0 / (number + 1)),
        )
        for number, (kind, indicator) in enumerate(kinds)
    ]
    return replace(found, incidents=pl.concat(rows))


@pytest.mark.parametrize(("second", "shown"), [(("errors", "errors"), 1), (("latency", "latency"), 0)])
def test_failed_requests_come_before_those_that_never_arrived(
    found: Diagnosis, second: tuple[str, str], shown: int
) -> None:
    several = of_kinds(found, ("outage", "availability"), second)
    assert chosen.worst(several) == 0
    assert chosen.worst(several, "errors") == shown


def test_the_next_notebooks_are_those_of_all_incidents(found: Diagnosis) -> None:
    several = of_kinds(found, ("errors", "errors"), ("latency", "latency"), ("errors", "errors"))
    named = [line.partition(":")[0] for line in say.next_notebooks(several, 0, with_traces=False).lines]
    assert named == ["error_spike", "latency_regression", "postmortem"]


@pytest.mark.parametrize(("share", "said"), [(0.96, ", with 96 %"), (0.0, "")])
def test_no_share_of_the_change_is_not_said(found: Diagnosis, share: float, said: str) -> None:
    row = CHANGED | {"share": share, "low": share, "high": share, "stated": True}
    blamed = replace(found, dependencies=pl.DataFrame([row]))
    beginning = f"It came from {row['name']} ({row['kind']}){said}"
    assert repr(say.dependency(blamed, 0)).startswith(beginning)
    assert ("of the change" in repr(say.dependency(blamed, 0))) is bool(said)


def test_the_worst_incident_is_the_one_that_took_most_of_its_budget(found: Diagnosis) -> None:
    """One failed request in a thousand is allowed, and one slow one in twenty."""
    one = found.incidents.head(1)
    slow, failed = (
        one.with_columns(indicator=pl.lit(which), excess=pl.lit(excess))
        for which, excess in (("latency", 4500.0), ("errors", 100.0))
    )
    both = pl.concat([slow, failed]).with_columns(incident=pl.Series([0, 1]))
    assert chosen.worst(replace(found, incidents=both)) == 1
    few = both.with_columns(excess=pl.Series([5500.0, 100.0]))
    assert chosen.worst(replace(found, incidents=few)) == 0
