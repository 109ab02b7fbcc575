"""The samples were recorded with a fault at a known time: the kit must find it, and nothing in health."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from incident_kit.window import parse_instant

SCENARIOS = ("slow-database", "bad-release", "healthy")
INCIDENTS = SCENARIOS[:2]
CLOSE = timedelta(seconds=30)


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def document(incident_kit, samples: Path, scenario: str) -> dict:
    here = samples / scenario
    done = incident_kit("diagnose", here / "access.log.gz", "--traces", here / "traces.jsonl.gz", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def the_incident(document: dict) -> dict:
    (incident,) = document["incidents"]
    return incident


def test_incidents_are_found_where_there_was_a_fault_and_nowhere_else(document, scenario, truth) -> None:
    kinds = [incident["kind"] for incident in document["incidents"]]
    kind = truth(scenario)["kind"]
    assert kinds == ([] if kind == "none" else [kind])


@pytest.mark.parametrize("scenario", INCIDENTS, indirect=True, scope="module")
def test_onset_and_end_are_within_thirty_seconds_of_the_truth(document, scenario, truth) -> None:
    incident, known = the_incident(document), truth(scenario)
    for edge in ("start", "end"):
        assert abs(parse_instant(incident[edge]) - parse_instant(known[edge])) <= CLOSE, edge


@pytest.mark.parametrize("scenario", ["healthy"], indirect=True, scope="module")
def test_in_health_there_is_nothing_to_advise(document, scenario) -> None:
    assert document["findings"] == []


@pytest.mark.parametrize("scenario", INCIDENTS, indirect=True, scope="module")
def test_the_endpoint_and_the_dependency_of_the_truth_come_first(document, scenario, truth) -> None:
    incident, known = the_incident(document), truth(scenario)
    first = incident["endpoints"][0]
    assert {"method": first["method"], "route": first["route"]} == known["endpoint"]
    assert incident["dependencies"][0]["name"] == known["dependency"]
    assert incident["dependencies"][0]["stated"]


def test_shares_sum_to_one_and_names_are_never_null(document) -> None:
    for incident in document["incidents"]:
        for table, name in (("endpoints", "route"), ("dependencies", "name")):
            rows = incident[table]
            assert sum(row["share"] for row in rows) == pytest.approx(1, abs=1e-6)
            assert all(row[name] is not None for row in rows)
            assert rows[-1][name] == "(unexplained)"
        for row in incident["endpoints"]:
            assert row["rate_share"] + row["mix_share"] == pytest.approx(row["share"], abs=1e-6)
            assert row["low"] <= row["share"] <= row["high"]


def test_the_verdicts_say_which_targets_held(document, scenario) -> None:
    verdicts = {row["target"]: row["verdict"] for row in document["verdicts"]}
    expected = {
        "slow-database": {"latency": "breached", "recovery": "breached"},
        "bad-release": {"error_rate": "breached", "recovery": "breached"},
        "healthy": {"latency": "met", "error_rate": "met", "availability": "met"},
    }[scenario]
    assert {name: verdicts[name] for name in expected} == expected


def test_the_document_has_the_shape_of_the_contract(document) -> None:
    assert document["schema"] == "incident-kit/diagnosis/1"
    assert set(document) == {"schema", "inputs", "targets", "verdicts", "incidents", "findings"}
    inputs = {"requests", "rejected", "excluded", "spans", "joined", "first", "last"}
    assert inputs <= set(document["inputs"])
    assert 0 < document["inputs"]["joined"] <= 1
    fields = {"kind", "start", "end", "recovery_s", "baseline", "bad", "excess", "endpoints", "dependencies"}
    for incident in document["incidents"]:
        assert fields | {"exemplars"} <= set(incident)
        assert incident["exemplars"]
    for finding in document["findings"]:
        assert {
            "id",
            "incident",
            "priority",
            "claim",
            "evidence",
            "change",
            "risk",
            "verify",
            "monitor",
        } <= set(finding)
