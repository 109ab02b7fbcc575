"""What the traces show of releases, and where a log is split by them."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.engines.evidence import Evidence
from incident_kit.measure.calls.releases import releases
from incident_kit.reports.inputs.split import split
from incident_kit.reports.notebooks.parameters import CompareReleases
from incident_kit.reports.prose import account

ASKED = CompareReleases(access_log=("access.log",))


def released(evidence: Evidence, second: float) -> Evidence:
    """Return the evidence with payments 1 answering until a second of the log, payments 2 from then on."""
    assert evidence.spans is not None
    at = evidence.spans["start"].min() + timedelta(seconds=second)  # type: ignore[operator]
    version = pl.when(pl.col("start") < at).then(pl.lit("1")).otherwise(pl.lit("2"))
    told = pl.concat_str(pl.lit('{"service.version": "'), version, pl.lit('"}'))
    spans = evidence.spans.with_columns(
        attributes=pl.when(service="payments").then(told).otherwise("attributes")
    )
    return Evidence(requests=evidence.requests, spans=spans)


def split_at(evidence: Evidence) -> tuple[datetime, str]:
    assert isinstance(evidence.requests, pl.DataFrame)
    return split(evidence.requests, evidence.spans, ASKED)


def test_a_version_that_appears_is_a_release(evidence: Evidence) -> None:
    (seen,) = releases(released(evidence, 200).spans)
    assert seen.name == "payments 2"
    assert seen.time.strftime("%H:%M:%S") == "10:03:20"


def test_a_version_that_was_there_all_the_time_is_none(evidence: Evidence) -> None:
    assert releases(released(evidence, 0).spans) == []


def test_without_traces_or_versions_no_release_is_seen(evidence: Evidence) -> None:
    assert releases(None) == []
    assert releases(evidence.spans) == []


def test_a_release_stands_in_the_timeline(found: Diagnosis, evidence: Evidence) -> None:
    timeline = account.whole_timeline(found, 0, released(evidence, 200))
    assert "payments 2 first seen in the traces" in timeline["what"].to_list()
    assert timeline["time"].is_sorted()


@pytest.mark.parametrize("second", [200, 300, 315], ids=["before", "with the onset", "just after it"])
def test_a_log_is_split_at_the_release_that_the_traces_show(evidence: Evidence, second: float) -> None:
    at, why, _ = split_at(released(evidence, second))
    assert at == releases(released(evidence, second).spans)[0].time
    assert why == "when payments 2 was first seen in the traces"


def test_a_release_amid_the_incident_does_not_split_it(evidence: Evidence) -> None:
    _, why, is_release = split_at(released(evidence, 400))
    assert "payments" not in why
    assert not is_release


@pytest.mark.parametrize(
    ("until", "minute", "said"),
    [
        (600, 5, "the middle of the data, for no release is known"),
        (700, 5, "the onset of the incident in the middle of the data, for no release is known"),
    ],
    ids=["no incident around it", "an incident around it"],
)
def test_without_a_release_the_middle_splits_unless_an_incident_lies_there(
    evidence: Evidence, until: int, minute: int, said: str
) -> None:
    assert isinstance(evidence.requests, pl.DataFrame)
    first = evidence.requests["start_time"].min()
    calm = evidence.requests.filter(pl.col("start_time") < first + timedelta(seconds=100))
    later = [
        calm.with_columns(pl.col("start_time") + timedelta(seconds=shift)) for shift in range(600, until, 100)
    ]
    at, why, is_release = split(pl.concat([evidence.requests, *later]), None, ASKED)
    assert why == said
    assert not is_release
    assert (at.minute, at.second) == (minute, 0)
