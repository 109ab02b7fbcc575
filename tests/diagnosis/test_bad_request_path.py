"""A cause that traces name is stated only where the bad requests of the log pass through it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.schema import SPANS, conform


def read(samples: Path, log: str, traces: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return (
        ik.read_access_log(samples / log / "access.log.gz").requests,
        ik.read_traces(samples / traces / "traces.jsonl.gz").spans,
    )


def without_ids(requests: pl.DataFrame) -> pl.DataFrame:
    return requests.with_columns(trace_id=pl.lit(None, dtype=pl.String))


by_ids_and_endpoints = pytest.mark.parametrize(
    "known",
    [lambda requests: requests, without_ids, ik.rollup_requests],
    ids=["by trace id", "by endpoint", "by the requests that a rollup keeps"],
)


@by_ids_and_endpoints
def test_the_cause_on_their_way_is_stated(samples: Path, truth: Any, known: Any) -> None:
    requests, spans = read(samples, "slow-database", "slow-database")
    found = ik.diagnose(known(requests), spans)
    assert found.dependencies.filter("stated")["name"].to_list() == [truth("slow-database")["dependency"]]


@by_ids_and_endpoints
def test_the_cause_of_another_incident_is_a_candidate(samples: Path, known: Any) -> None:
    requests, spans = read(samples, "slow-database", "bad-release")
    found = ik.diagnose(known(requests), spans)
    assert not found.dependencies["stated"].any()
    assert "the requests that went bad do not pass through it" in found.dependencies["evidence"][0]
    assert "dependency-at-fault" not in found.findings["id"].to_list()


def test_no_cause_is_stated_of_requests_that_never_arrived(samples: Path) -> None:
    requests, spans = read(samples, "healthy", "healthy")
    begin = requests["start_time"].min() + timedelta(minutes=7)  # type: ignore[operator]
    gap = pl.lit(begin), pl.lit(begin + timedelta(minutes=2))
    silent = requests.filter(~pl.col("start_time").is_between(*gap))
    entry = pl.col("parent_span_id").is_null() & pl.col("start").is_between(*gap)
    slower = spans.with_columns(duration_ms=pl.col("duration_ms") + pl.when(entry).then(300).otherwise(0))
    # A few get through, or are traced before they are lost.
    few = ~entry | (pl.col("trace_id").hash(seed=1) % 10 == 0)
    kept = slower.join(slower.filter(pl.col("parent_span_id").is_null() & few), on="trace_id", how="semi")
    found = ik.diagnose(silent, kept)
    assert found.incidents["kind"].to_list() == ["outage"]
    assert "the requests in the log tell nothing of those that it lacks" in found.dependencies["evidence"][0]
    assert not found.dependencies["stated"].any()
    assert "Requests stopped arriving" in found.findings.filter(id="missing-requests")["claim"][0]


@pytest.mark.parametrize("left", [0, 4], ids=["none", "four in ten"])
@pytest.mark.parametrize("traces", ["all of them", "as the log", "none"])
def test_an_outage_of_the_log_alone_is_one_in_which_traces_go_on(
    samples: Path, left: int, traces: str
) -> None:
    requests, spans = read(samples, "healthy", "healthy")
    begin = requests["start_time"].min() + timedelta(minutes=7)  # type: ignore[operator]
    gap = pl.lit(begin), pl.lit(begin + timedelta(minutes=2))
    lost = pl.col("start_time").is_between(*gap) & (pl.col("trace_id").hash(seed=2) % 10 >= left)
    kept = requests.filter(~lost.fill_null(value=False))
    as_log = spans.filter(~pl.col("trace_id").is_in(requests.filter(lost)["trace_id"].implode()))
    given = {"all of them": spans, "as the log": as_log, "none": None}[traces]
    (claim,) = ik.diagnose(kept, given).findings.filter(id="missing-requests")["claim"].to_list()
    assert ("missing in the log, and not in the traces" in claim) is (traces == "all of them")
    assert claim.startswith("Requests stopped arriving: ") is (traces != "all of them")


@pytest.mark.parametrize("known", [lambda requests: requests, ik.rollup_requests], ids=["log", "rollup"])
def test_traces_of_something_else_state_nothing(samples: Path, known: Any) -> None:
    requests, spans = read(samples, "slow-database", "bad-release")
    elsewhere = spans.with_columns(route=pl.lit("/elsewhere"))
    found = ik.diagnose(known(requests), elsewhere)
    assert not found.dependencies["stated"].any()
    assert "no request of the log that went bad has a trace here" in found.dependencies["evidence"][0]


def traced(second: int, *, slow: bool) -> list[dict[str, Any]]:
    """One request that waits for the same statement of a database, be it quick or slow."""
    took = 300.0 if slow else 20.0 + second % 7
    entry = {
        "span_id": "a", "service": "bank", "kind": "server", "route": "/export" if slow else "/balance",
        "name": "GET", "status": "unset", "duration_ms": took, "peer": None, "parent_span_id": None,
    }  # fmt: skip
    query = {"span_id": "b", "parent_span_id": "a", "kind": "client", "peer": "oracle", "name": "SELECT"}
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    rows = [entry, entry | query | {"route": None, "duration_ms": 0.9 * took}]
    return [{**row, "trace_id": f"t{second}", "start": start} for row in rows]


def test_who_changed_for_other_requests_is_no_rival_of_the_cause() -> None:
    """From the twentieth minute on /export takes too long, and /balance, elsewhere, longer but in time."""
    rows = []
    for second in range(2400):
        entry, query = traced(second, slow=second % 2 == 0)
        late = second >= 1200
        service, peer, took = ("bank", "oracle", 900) if second % 2 == 0 else ("auth", "ldap", 150)
        took = second % 7 + (took if late else 10)
        rows.append(entry | {"service": service, "duration_ms": took + 2.0})
        rows.append(query | {"service": service, "duration_ms": float(took), "peer": peer})
    found = ik.diagnose(spans=conform(pl.DataFrame(rows, infer_schema_length=None), SPANS))
    assert found.dependencies.filter("stated")["name"].to_list() == ["oracle"]
    (other,) = found.dependencies.filter(name="ldap").iter_rows(named=True)
    assert other["score"] == 0
    assert other["objection"] == "the requests that went bad do not pass through it"
    assert other["evidence"].endswith(f"; but {other['objection']}")


def test_no_cause_is_stated_where_only_traffic_moved() -> None:
    seconds = range(2400)
    moved = [second % (3 if 1200 <= second < 1800 else 60) == 0 for second in seconds]
    rows = [row for second in seconds for row in traced(second, slow=moved[second])]
    found = ik.diagnose(spans=conform(pl.DataFrame(rows, infer_schema_length=None), SPANS))
    assert found.incidents["kind"].to_list() == ["traffic"]
    assert not found.dependencies["stated"].any()
    changed = found.dependencies.filter(name="oracle")["evidence"].to_list()
    assert changed == ["nothing about it changed beyond chance"]


def test_figures_of_traces_that_were_kept_for_being_bad_are_said_to_be_of_those(samples: Path) -> None:
    requests, spans = read(samples, "slow-database", "slow-database")
    slow = requests.filter(pl.col("duration_ms") > 200)["trace_id"]
    chosen = pl.col("trace_id").is_in(slow.implode()) | (pl.col("trace_id").hash(seed=3) % 4 == 0)
    said = [
        ik.diagnose(requests, kept).dependencies.filter("stated")["evidence"][0]
        for kept in (spans, spans.filter(chosen))
    ]
    assert ["of the traces kept" in one for one in said] == [False, True]


def test_time_that_the_traces_do_not_show_is_said_to_lie_outside_them(samples: Path) -> None:
    requests, spans = read(samples, "slow-database", "slow-database")
    calm = read(samples, "healthy", "healthy")
    begin = calm[0]["start_time"].min() + timedelta(minutes=5)  # type: ignore[operator]
    late = (
        pl.when(pl.col("start_time").is_between(begin, begin + timedelta(minutes=5))).then(400).otherwise(0)
    )
    outside = ik.diagnose(calm[0].with_columns(pl.col("duration_ms") + late), calm[1])
    assert outside.dependencies.filter("stated")["name"].to_list() == ["proxy or client"]
    assert "outside-traces" in outside.findings["id"].to_list()
    assert "outside-traces" not in ik.diagnose(requests, spans).findings["id"].to_list()
