"""What an incident cost, what happened when, what is left to do: each has an answer or says none."""

from __future__ import annotations

import polars as pl
import pytest

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports import account, impact


def test_the_cost_names_requests_length_and_budget(found: Diagnosis) -> None:
    rows = dict(impact.impact(found, 0).iter_rows())
    assert rows["length"].startswith("3 min") or rows["length"].startswith("2 min")
    assert {"bad requests", "more than expected", "part of a 30-day budget gone"} <= rows.keys()
    assert rows["client networks hit"] == "1 of 1"


def test_without_an_incident_nothing_was_lost(healthy: Diagnosis) -> None:
    assert impact.impact(healthy, None).is_empty()
    assert impact.affected(healthy, None).is_empty()
    assert "no alert had to fire" in repr(impact.alerts(healthy, None))


def test_the_groups_hit_hardest_come_first_with_what_is_usual(found: Diagnosis) -> None:
    row = impact.affected(found, 0).row(0, named=True)
    assert row["client_network"] == "198.51.100.0/24"
    assert row["during_rate"] > 10 * row["before_rate"]


def test_alerts_say_when_they_would_have_come(found: Diagnosis) -> None:
    assert "would have come at 2026-01-31 10:0" in repr(impact.alerts(found, 0))


def test_the_timeline_has_onset_alert_peak_and_recovery_in_order(found: Diagnosis) -> None:
    timeline = account.whole_timeline(found, 0)
    assert timeline["time"].is_sorted()
    told = " ".join(timeline["what"])
    assert all(word in told for word in ("begins", "would have come", "worst minute", "ends"))


def test_every_action_has_an_owner_and_a_due_to_fill_in(found: Diagnosis) -> None:
    actions = account.action_items(found)
    assert actions.height == found.findings.unique(["change", "claim"]).height
    assert set(actions["owner"]) | set(actions["due"]) <= {"…"}


def test_what_went_well_counts_the_requests_that_were_served(found: Diagnosis, evidence: Evidence) -> None:
    assert "of the requests were still good" in repr(account.what_went_well(found, evidence))


def test_what_no_number_counts_is_listed(found: Diagnosis) -> None:
    assert account.left_out(found).columns == ["reason", "requests"]


def test_versions_name_the_kit_and_what_it_computes_with() -> None:
    assert {"incident_kit", "Python", "polars"} <= set(account.versions()["name"])


@pytest.mark.parametrize("indicator", ["latency", "errors", "availability"])
def test_an_incident_is_counted_by_the_promise_it_broke(found: Diagnosis, indicator: str) -> None:
    from dataclasses import replace

    other = replace(found, incidents=found.incidents.with_columns(indicator=pl.lit(indicator)))
    assert impact.promise(other, 0).indicator == indicator
