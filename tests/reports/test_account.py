"""What an incident cost, what happened when, what is left to do: each has an answer or says none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports import account, affected, impact


def test_the_cost_names_requests_length_and_budget(found: Diagnosis) -> None:
    rows = dict(impact.impact(found, 0).iter_rows())
    assert rows["length"].startswith("3 min") or rows["length"].startswith("2 min")
    assert {"bad requests", "more than expected", "part of a 30-day budget gone"} <= rows.keys()
    assert rows["client networks hit"] == "1 of 1"


def test_what_an_outage_burns_is_a_number_and_no_power_of_ten(found: Diagnosis) -> None:
    silent = replace(found, incidents=found.incidents.with_columns(kind=pl.lit("outage"), bad=pl.lit(9_000)))
    burn = dict(impact.impact(silent, 0).iter_rows())["burn rate of the error budget"]
    assert "e+" not in burn


def test_without_an_incident_nothing_was_lost(healthy: Diagnosis) -> None:
    assert impact.impact(healthy, None).is_empty()
    assert affected.hardest_hit(healthy, None).is_empty()
    assert affected.counted_when(healthy, None) == ""
    assert "there is none here" in repr(impact.alerts(healthy, None))


def test_the_groups_hit_hardest_come_first_with_what_is_usual(found: Diagnosis) -> None:
    row = affected.hardest_hit(found, 0).row(0, named=True)
    assert row["client_network"] == "198.51.100.0/24"
    assert row["during_rate"] > 10 * row["before_rate"]


def test_groups_are_counted_in_wider_buckets_and_say_which(found: Diagnosis) -> None:
    said = affected.counted_when(found, 0)
    assert said.startswith("Counted in whole buckets of 10 s, 2026-01-31 10:05:00 to 10:08:")


def test_alerts_say_when_they_would_have_come(found: Diagnosis) -> None:
    assert "would have come at 2026-01-31 10:0" in repr(impact.alerts(found, 0))


def test_an_alert_whose_window_reaches_back_before_the_data_says_so(found: Diagnosis) -> None:
    assert impact.REACHES_BACK in repr(impact.alerts(found, 0))
    first = found.rollup.meta.first
    assert first is not None
    an_hour_later = pl.DataFrame(
        {"alert": ["2 % of the budget in 1 h"], "start": [first + timedelta(hours=1, seconds=1)]}
    )
    assert not impact.reach_back(an_hour_later, first)


def test_the_timeline_has_onset_alert_peak_and_recovery_in_order(found: Diagnosis) -> None:
    timeline = account.whole_timeline(found, 0, Evidence())
    assert timeline["time"].is_sorted()
    told = " ".join(timeline["what"])
    assert all(word in told for word in ("begins", "would have come", "worst minute", "ends"))


def test_every_action_has_an_owner_and_a_due_to_fill_in(found: Diagnosis) -> None:
    actions = account.action_items(found)
    assert actions.height == found.findings.unique(["change", "claim"]).height
    assert set(actions["owner"]) | set(actions["due"]) <= {"…"}


def test_what_went_well_counts_the_requests_that_were_served(found: Diagnosis, evidence: Evidence) -> None:
    said = repr(account.what_went_well(found, evidence))
    assert "of the requests were still good; " in said
    assert "at GET /checkout/{id}, which explains 100 % of the excess, " in said


@pytest.mark.parametrize(
    ("held", "said"), [(1, "The target for errors held."), (2, "The targets for errors and ")]
)
def test_what_went_well_names_the_targets_that_held(healthy: Diagnosis, held: int, said: str) -> None:
    kept = healthy.verdicts.filter(pl.col("target").is_in(["error_rate", "availability"]))[:held]
    assert repr(account.what_went_well(replace(healthy, verdicts=kept), Evidence())).startswith(said)


def test_what_no_number_counts_is_listed(found: Diagnosis) -> None:
    assert account.left_out(found).columns == ["reason", "requests"]


def test_versions_name_the_kit_and_what_it_computes_with() -> None:
    assert {"incident_kit", "Python", "polars"} <= set(account.versions()["name"])


@pytest.mark.parametrize("indicator", ["latency", "errors", "availability"])
def test_an_incident_is_counted_by_the_promise_it_broke(found: Diagnosis, indicator: str) -> None:
    other = replace(found, incidents=found.incidents.with_columns(indicator=pl.lit(indicator)))
    assert impact.promise(other, 0).indicator == indicator
