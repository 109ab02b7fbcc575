"""What the bad requests of an incident have in common, as a table."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from incident_kit.diagnosis.diagnose import diagnose
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.reports.prose import in_common
from incident_kit.reports.prose.tables import table


def row(attribute: str, value: str, separation: float, *, separates: bool = True) -> dict[str, object]:
    return {
        "incident": 0,
        "attribute": attribute,
        "value": value,
        "share": 0.9,
        "traffic": 0.9 - separation,
        "separation": separation,
        "bad": 90,
        "requests": 100,
        "rate": 0.9,
        "usual_rate": 0.01,
        "separates": separates,
    }


def with_values(found: Diagnosis, *rows: dict[str, object]) -> Diagnosis:
    return replace(found, attributes=pl.DataFrame(list(rows), schema=found.attributes.schema))


def test_values_are_shown_in_words_with_their_share_of_bad_and_of_all_requests(found: Diagnosis) -> None:
    rows = row("endpoint & upstream", "GET /a & 10.0.0.7", 0.8), row("file", "web2.log", 0.6)
    shown = table(in_common.values(with_values(found, *rows), 0))
    assert repr(shown).splitlines() == [
        "value | bad | share of bad | share of all | share during | share before",
        "GET /a on upstream 10.0.0.7 | 90 | 90 % | 10 % | 90 % | 1 %",
        "requests in web2.log | 90 | 90 % | 30 % | 90 % | 1 %",
    ]


@pytest.mark.parametrize(
    "told",
    [
        row("status", "503", 0.8),
        row("method & status", "GET & 503", 0.8),
        row("host", "a.example", 0.05),
        row("host", "a.example", 0.8, separates=False),
    ],
    ids=["how requests ended", "a pair with how they ended", "hardly apart", "apart by chance"],
)
def test_what_tells_nothing_is_left_out(found: Diagnosis, told: dict[str, object]) -> None:
    assert in_common.values(with_values(found, told), 0).is_empty()


def test_only_the_best_are_shown(found: Diagnosis) -> None:
    rows = [row("host", f"{n}.example", 0.8 - n / 100) for n in range(20)]
    values = in_common.values(with_values(found, *rows), 0)["value"]
    assert values.to_list() == [f"requests to host {n}.example" for n in range(in_common.MAX_VALUES)]


def test_where_nothing_sets_them_apart_that_is_said(found: Diagnosis) -> None:
    alike = "No attribute separates the extra errors from the other requests."
    even = replace(found, incidents=found.incidents.with_columns(explanation=pl.lit(alike)))
    assert in_common.nothing(even, 0) == alike


def test_without_an_incident_there_is_nothing_to_compare(evidence: Evidence) -> None:
    calm = diagnose(evidence.requests.with_columns(status=200, duration_ms=20.0))
    assert in_common.values(calm, None).is_empty()
    assert in_common.nothing(calm, None) == "There is no incident to show this of."
