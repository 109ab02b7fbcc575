"""One verb for whatever was brought: a log, traces, both, or a rollup; polars or pandas."""

from datetime import UTC, datetime

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import SPANS, conform


@pytest.fixture(scope="module")
def log(samples) -> ik.AccessLog:
    return ik.read_access_log(samples / "slow-database" / "access.log.gz")


@pytest.fixture(scope="module")
def spans(samples) -> pl.DataFrame:
    return ik.read_traces(samples / "slow-database" / "traces.jsonl.gz").spans


def test_traces_alone_are_requests_by_their_roots(spans: pl.DataFrame, truth) -> None:
    found = ik.diagnose(spans=spans)
    assert found.incidents["kind"].to_list() == ["latency"]
    assert found.dependencies["name"][0] == truth("slow-database")["dependency"]
    assert found.endpoints["route"][0] == truth("slow-database")["endpoint"]["route"]


def test_a_log_alone_names_upstreams_and_says_what_traces_would_add(log: ik.AccessLog, truth) -> None:
    found = ik.diagnose(log.requests)
    assert found.endpoints["route"][0] == truth("slow-database")["endpoint"]["route"]
    assert "upstream" in found.dependencies["kind"].to_list()
    assert "missing-traces" in found.findings["id"].to_list()


def test_it_says_which_endpoint_moved_and_by_how_many_milliseconds(log: ik.AccessLog, truth) -> None:
    found = ik.diagnose(log.requests)
    first = found.quantiles.row(0, named=True)
    assert first["route"] == truth("slow-database")["endpoint"]["route"]
    assert first["moved"]
    assert first["low_ms"] < first["shift_ms"] == pytest.approx(first["during_ms"] - first["before_ms"])
    assert found.to_dict()["incidents"][0]["quantiles"][0]["route"] == first["route"]
    assert f"The p95 of {first['method']} {first['route']} moved from " in str(found)


def test_a_rollup_knows_the_quantiles_too_and_leaves_out_what_it_need_not_say(log: ik.AccessLog) -> None:
    from_rows = ik.diagnose(log.requests).quantiles.row(0, named=True)
    found = ik.diagnose(rollup_requests(log.requests))
    first = found.quantiles.row(0, named=True)
    assert first["route"] == from_rows["route"]
    assert first["during_ms"] == pytest.approx(from_rows["during_ms"], rel=0.1)
    assert "a rollup keeps only" not in found.incidents["explanation"][0]


def test_a_rollup_shows_requests_of_the_incident_that_it_kept(log: ik.AccessLog, truth) -> None:
    found = ik.diagnose(rollup_requests(log.requests))
    shown, incident = found.exemplars, found.incidents.row(0, named=True)
    during = pl.col("start_time").is_between(incident["start"], incident["end"])
    there = log.requests.filter(during).select(pl.format("access.log.gz:{}", "line_number")).to_series()
    assert shown["route"].to_list() == [truth("slow-database")["endpoint"]["route"]] * 5
    assert shown["line"].is_in(there.implode()).all()
    assert (shown["duration_ms"] > incident["threshold_ms"]).all()


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_log_without_methods_names_its_endpoint_and_shows_requests(rolled_up: bool) -> None:
    number, start = pl.int_range(20_000), datetime(2026, 1, 5, 8, tzinfo=UTC)
    failed = number.is_between(10_000, 13_000) & (number % 4 == 1)
    requests = pl.select(
        start_time=pl.lit(start) + pl.duration(milliseconds=100 * number),
        route=pl.format("/{}", number % 4),
        status=pl.when(failed).then(503).otherwise(200),
        duration_ms=30.0 + number % 37,
    )
    found = ik.diagnose(rollup_requests(requests) if rolled_up else requests)
    assert found.incidents["explanation"][0].startswith("/1 explains 100 %")
    assert found.exemplars["route"].to_list() == ["/1"] * 5


def test_pandas_gives_the_same_diagnosis(log: ik.AccessLog) -> None:
    few = log.requests.select("start_time", "method", "route", "status", "duration_ms")
    assert ik.diagnose(few.to_pandas()).to_dict() == ik.diagnose(few).to_dict()


def test_given_windows_always_have_their_entry_even_in_health(samples, spans: pl.DataFrame) -> None:
    healthy = ik.read_traces(samples / "healthy" / "traces.jsonl.gz").spans
    start = healthy["start"].min()
    first, middle, last = (f"{start.replace(microsecond=0, minute=minute):%FT%TZ}" for minute in (35, 40, 48))
    found = ik.diagnose(spans=healthy, baseline=f"{first}/{middle}", incident=f"{middle}/{last}")
    assert len(found.incidents) == 1
    assert not found.dependencies["stated"].any()
    services = {*healthy["service"].unique(), "postgresql", "(unexplained)"}
    assert set(found.dependencies["name"]) == services


def test_a_given_window_in_which_no_request_was_worse_is_no_incident_whatever_changed() -> None:
    found = _with_a_fallback()
    assert found.dependencies["name"][0] == "mail"
    assert found.findings["id"].to_list() == ["hidden-failures"]
    assert "recovery" not in found.verdicts["target"].to_list()
    lines = str(found).splitlines()
    assert lines[0] == "The window given shows no incident."
    assert any(line.startswith("mail (service) changed all the same: ") for line in lines)
    assert "is the cause" not in str(found)


def _with_a_fallback() -> ik.Diagnosis:
    """Diagnose five given minutes in which every call to mail fails, which its caller does without."""
    start = pl.lit(datetime(2026, 1, 5, 8, tzinfo=UTC)) + pl.duration(milliseconds=100 * pl.int_range(6000))
    down = pl.int_range(6000) >= 3000
    failed = pl.when(down).then(pl.lit("error")).otherwise(pl.lit("ok"))
    trace = pl.format("{}", pl.int_range(6000))
    frame = pl.select(start=start, trace_id=trace, failed=failed, jitter=pl.int_range(6000) * 7 % 10 / 10)
    spans = [
        ("1", None, "shop", "POST /order", "server", 20.0, pl.lit("ok")),
        ("2", "1", "shop", "POST /mail", "client", 6.0, pl.col("failed")),
        ("3", "2", "mail", "POST /mail", "server", 5.0, pl.col("failed")),
    ]
    table = pl.concat(
        frame.select(
            "trace_id", "start", span_id=pl.lit(own), parent_span_id=pl.lit(parent, pl.String),
            service=pl.lit(service), name=pl.lit(name), kind=pl.lit(kind),
            duration_ms=length + pl.col("jitter"), status=status,
        )
        for own, parent, service, name, kind, length, status in spans
    )  # fmt: skip
    return ik.diagnose(
        spans=conform(table, SPANS),
        baseline="2026-01-05T08:00:00Z/2026-01-05T08:05:00Z",
        incident="2026-01-05T08:05:00Z/2026-01-05T08:10:00Z",
    )


def test_with_nothing_to_diagnose_it_says_so() -> None:
    with pytest.raises(ParameterError, match="nothing to diagnose"):
        ik.diagnose()


def test_what_is_no_window_is_refused(spans: pl.DataFrame) -> None:
    with pytest.raises(ParameterError, match="is no window; give a text START/END"):
        ik.diagnose(spans=spans, incident=(1, 2))  # type: ignore[arg-type]


def test_what_the_readers_had_to_say_is_said_and_stays_with_a_rollup(log: ik.AccessLog) -> None:
    note = "access.log.gz is damaged after 9 bytes; what came before was read."
    table = rollup_requests(log.requests, notes=[note])
    for found in (ik.diagnose(log.requests, notes=[note]), ik.diagnose(table)):
        assert found.to_dict()["inputs"]["notes"] == [note]
        assert note in str(found).splitlines()
        assert note in found.to_markdown()
