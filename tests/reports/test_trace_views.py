"""Traces of the incident beside those of the baseline, and one that is typical."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.prose import trace_views as views


def test_the_two_sides_are_whole_traces_of_their_windows(evidence: Evidence, traced: Diagnosis) -> None:
    sides = views.sides(evidence, traced, 0)
    assert set(sides.incident["trace_id"]).isdisjoint(sides.baseline["trace_id"])
    assert sides.incident.group_by("trace_id").len()["len"].unique().to_list() == [4]
    assert sides.incident["duration_ms"].median() > 10 * sides.baseline["duration_ms"].median()  # type: ignore[operator]


def test_the_typical_trace_is_unusual_against_the_baseline(evidence: Evidence, traced: Diagnosis) -> None:
    explained = views.typical(evidence, traced, 0)
    assert explained.filter("unusual")["service"].to_list() == ["payments"]
    assert "SELECT cards of payments" in repr(views.trace_named(explained))


def test_a_trace_that_failed_is_said_to_have_failed_where_it_did(
    evidence: Evidence, traced: Diagnosis
) -> None:
    explained = views.typical(evidence, traced, 0)
    deepest = pl.col("depth") == pl.col("depth").max()
    quick = explained.with_columns(unusual=pl.lit(value=False), status=pl.when(deepest).then(pl.lit("error")))
    assert repr(views.trace_named(quick)).endswith("; it failed in SELECT cards of payments.")
    calm = repr(views.trace_named(quick.with_columns(status=pl.lit("unset"))))
    assert calm.endswith("; nothing in it is unusual.")


def test_health_says_what_the_traces_stand_for(evidence: Evidence) -> None:
    rows = dict(views.health(evidence).iter_rows())
    assert rows["traces"] == "600"
    assert rows["traces with a span missing"] == "0"


def test_without_traces_every_view_is_empty_and_says_so(found: Diagnosis) -> None:
    nothing = Evidence(requests=None)
    assert views.health(nothing).is_empty()
    assert views.coverage(nothing).is_empty()
    assert views.sides(nothing, found, 0).incident.is_empty()
    explained = views.typical(nothing, found, 0)
    assert "no traces" in repr(views.trace_named(explained))
