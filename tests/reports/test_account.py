"""What an incident cost, what happened when, what is left to do: each has an answer or says none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.prose import account, affected, chosen, impact
from incident_kit.reports.prose.advice import advice


def test_the_cost_names_requests_length_and_budget(found: Diagnosis) -> None:
    rows = dict(impact.impact(found, 0).iter_rows())
    assert rows["length"].startswith("3 min") or rows["length"].startswith("2 min")
    assert {"bad requests", "more than expected", "part of a 30-day budget gone"} <= rows.keys()
    assert rows["client networks hit"] == "1 of 1"


@pytest.mark.parametrize(
    ("began_before", "is_open"), [(False, False), (True, False), (False, True), (True, True)]
)
def test_a_length_of_which_an_end_is_not_seen_is_not_said_to_be_the_whole(
    found: Diagnosis, began_before: bool, is_open: bool
) -> None:
    no_end = pl.lit(None, found.incidents["end"].dtype) if is_open else pl.col("end")
    part = found.incidents.with_columns(began_before=pl.lit(began_before), end=no_end)
    length = dict(impact.impact(replace(found, incidents=part), 0).iter_rows())["length"]
    assert (length.startswith("at least "), length.endswith(" so far")) == (began_before, is_open)


def test_what_an_outage_burns_is_a_number_and_no_power_of_ten(found: Diagnosis) -> None:
    silent = replace(found, incidents=found.incidents.with_columns(kind=pl.lit("outage"), bad=pl.lit(9_000)))
    burn = dict(impact.impact(silent, 0).iter_rows())["burn rate of the error budget"]
    assert "e+" not in burn


def test_an_outage_costs_its_own_length_of_the_budget_and_not_more(found: Diagnosis) -> None:
    """With every request missing for twenty minutes, twenty of the 43.2 minutes of 30 days are gone."""
    start = found.incidents["start"][0]
    silent = found.incidents.with_columns(
        kind=pl.lit("outage"),
        indicator=pl.lit("availability"),
        start=pl.lit(start + timedelta(days=1)),
        end=pl.lit(start + timedelta(days=1, minutes=20)),
        bad=pl.lit(2_400),
    )
    assert impact.spent(replace(found, incidents=silent), 0)["spent"] == pytest.approx(20 / 43.2)


def test_an_outage_names_no_clients(found: Diagnosis) -> None:
    silent = replace(found, incidents=found.incidents.with_columns(kind=pl.lit("outage")))
    assert affected.hardest_hit(silent, 0).is_empty()
    assert affected.none_apart(silent, 0) == "Requests that never arrived name no clients."


def test_without_an_incident_nothing_was_lost(healthy: Diagnosis) -> None:
    assert impact.impact(healthy, None).is_empty()
    assert affected.hardest_hit(healthy, None).is_empty()
    assert affected.counted_when(healthy, None) == ""
    assert "there is none here" in repr(impact.alerts(healthy, None))


def test_the_groups_hit_hardest_come_first_with_what_is_usual(found: Diagnosis) -> None:
    row = affected.hardest_hit(found, 0).row(0, named=True)
    assert row["client_network"] == "198.51.100.0/24"
    assert row["during_rate"] > 10 * row["before_rate"]


def with_networks(found: Diagnosis, value: pl.Expr) -> Diagnosis:
    """Return a diagnosis whose requests came from other networks."""
    attributes = found.rollup.attributes.with_columns(value=value.cast(pl.String))
    return replace(found, rollup=replace(found.rollup, attributes=attributes))


def test_the_rest_together_is_no_network_that_was_hit(found: Diagnosis) -> None:
    rest = with_networks(found, pl.lit("(other)"))
    assert affected.hardest_hit(rest, 0).is_empty()
    assert affected.networks_hit(rest, 0) == []
    early = pl.col("time") < pl.col("time").min() + timedelta(minutes=6)
    some = with_networks(found, pl.when(early).then(pl.lit("a")).otherwise(pl.lit("(other)")))
    assert affected.networks_hit(some, 0) == [("client networks hit", "1 of 1 that are counted apart")]


def test_networks_too_small_to_judge_are_not_said_to_be_unnamed(found: Diagnosis) -> None:
    few = found.rollup.attributes.with_columns(requests=pl.lit(5), errors=pl.lit(1))
    small = replace(
        found, rollup=replace(found.rollup, attributes=few.filter(pl.col("time").dt.second() == 0))
    )
    assert affected.hardest_hit(small, 0).is_empty()
    assert affected.none_apart(small, 0).startswith("No client network made 20 requests in that time")
    nobody = replace(found, rollup=replace(found.rollup, attributes=found.rollup.attributes.clear()))
    assert affected.none_apart(nobody, 0) == "The data name no clients that were hit."


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


def test_an_action_that_several_incidents_call_for_is_one_row_with_all_their_claims(found: Diagnosis) -> None:
    first = found.findings.head(1)
    claims = [f"Incident {number} was over after {'a long time, and ' * 5}7 min." for number in range(3)]
    alike = pl.concat([first.with_columns(claim=pl.lit(claim)) for claim in claims])
    three = replace(found, findings=alike)
    (row,) = account.action_items(three).to_dicts()
    assert row["because"] == " ".join(claims)
    assert row["because"] in repr(ik.table(account.action_items(three)))
    assert len(advice(three).rows) == 1


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
def test_an_incident_is_counted_by_the_slo_it_broke(found: Diagnosis, indicator: str) -> None:
    other = replace(found, incidents=found.incidents.with_columns(indicator=pl.lit(indicator)))
    assert chosen.broken_slo(other, 0).indicator == indicator
