"""A cause that traces name is stated only of what they show: the slowness, or the failures, of the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik
from incident_kit.diagnosis.causes.failing_outside import ALIKE_WENT_WELL, LOOKS_LIKE_ANY
from incident_kit.schema import REQUESTS, SPANS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
SECONDS, FAULT = 2400, range(1200, 1800)
FAULT_TIMES = [pl.lit(START + timedelta(seconds=edge)) for edge in (FAULT.start, FAULT.stop)]


def faulty(second: int) -> bool:
    return second in FAULT and second % 2 == 0


def log(*, late_ms: float = 0, status: int = 200, ids: bool = True) -> pl.DataFrame:
    """One request a second; in the fault every other is so late, or ends so."""
    rows = [
        {
            "start_time": START + timedelta(seconds=second),
            "method": "GET",
            "route": "/books/{id}",
            "duration_ms": 21.0 + second % 7 + (late_ms if faulty(second) else 0),
            "status": status if faulty(second) else 200,
            "trace_id": f"t{second}" if ids else None,
        }
        for second in range(SECONDS)
    ]
    return conform(pl.DataFrame(rows), REQUESTS)


def traces(
    *,
    late_ms: float = 0,
    fails: bool = False,
    drift: float = 1.0,
    lost: bool = False,
    route: str = "/books/:book",
) -> pl.DataFrame:
    """The spans of those requests: a shop that asks its database.

    In the fault every other request is so late, fails, or is lost, and all take `drift` times as long.
    """
    rows = []
    for second in range(SECONDS):
        bad = faulty(second)
        if bad and lost:
            continue
        took = (15.0 + second % 7) * (drift if second in FAULT else 1) + (late_ms if bad else 0)
        whole = {"trace_id": f"t{second}", "start": START + timedelta(seconds=second), "service": "shop"}
        status = "error" if bad and fails else "unset"
        entry = {
            "span_id": "a",
            "parent_span_id": None,
            "kind": "server",
            "name": "books",
            "route": route,
            "peer": None,
        }
        query = {
            "span_id": "b",
            "parent_span_id": "a",
            "kind": "client",
            "name": "SELECT",
            "route": None,
            "peer": "oracle",
        }
        method = '{"http.request.method": "GET"}'
        rows.append(whole | entry | {"duration_ms": took + 5, "status": status, "attributes": method})
        rows.append(whole | query | {"duration_ms": took, "status": status, "attributes": None})
    spans = pl.DataFrame(rows, infer_schema_length=None)
    http = pl.when(pl.col("route").is_not_null()).then(pl.lit(500 if fails else 200))
    failing = pl.when(pl.col("status") == "error").then(http).otherwise(http * 0 + 200)
    return conform(spans.with_columns(http_status=failing.cast(pl.Int16)), SPANS)


with_and_without_ids = pytest.mark.parametrize("ids", [True, False], ids=["by trace id", "by endpoint"])


@with_and_without_ids
@pytest.mark.parametrize(
    ("logged", "traced"),
    [
        ({"late_ms": 500}, {"late_ms": 500}),
        ({"late_ms": 500}, {"late_ms": 300}),
        ({"status": 500}, {"fails": True}),
        ({"status": 504, "late_ms": 500}, {"late_ms": 5000}),
    ],
    ids=["slow", "slower in the log", "failing", "given up"],
)
def test_what_the_traces_show_has_its_cause_in_them(logged: dict, traced: dict, ids: bool) -> None:  # type: ignore[type-arg]
    found = ik.diagnose(log(**logged, ids=ids), traces(**traced))
    assert found.dependencies.filter("stated")["name"].to_list() == ["oracle"]


@with_and_without_ids
@pytest.mark.parametrize("calls_less", [True, False])
def test_spans_that_tell_no_failures_show_them_by_what_was_not_called(calls_less: bool, ids: bool) -> None:
    """A request that fails asks the database no more; or else it fails at the proxy, and the shop is busy."""
    untold = {"status": pl.lit(None, pl.String), "http_status": pl.lit(None, pl.Int16)}
    spans = traces().with_columns(**untold)
    # One in twenty asks nothing of the database at any time.
    asks = pl.col("trace_id").str.slice(1).cast(pl.Int64) % 20 > 0
    spans = spans.filter(asks | (pl.col("span_id") == "a"))
    failed = pl.col("trace_id").is_in([f"t{second}" for second in range(SECONDS) if faulty(second)])
    entry = pl.col("span_id") == "a"
    busy = pl.when(entry & pl.col("start").is_between(*FAULT_TIMES)).then(12.0).otherwise(0.0)
    given = spans.filter(~failed | entry) if calls_less else spans.with_columns(pl.col("duration_ms") + busy)
    found = ik.diagnose(log(status=500, ids=ids), given)
    said = LOOKS_LIKE_ANY if ids else ALIKE_WENT_WELL
    assert found.dependencies["evidence"].str.contains(said).any() is not calls_less
    assert "outside-traces" not in found.findings["id"].to_list()


@with_and_without_ids
@pytest.mark.parametrize(
    ("logged", "traced", "by_id", "by_endpoint"),
    [
        (
            {"late_ms": 500},
            {},
            "the requests that went bad took hardly longer in their traces",
            "requests to the same endpoints took hardly longer in the traces",
        ),
        (
            {"status": 502},
            {"lost": True},
            "the requests that failed left hardly any trace",
            "requests to the same endpoints hardly fail in the traces",
        ),
        (
            {"status": 502},
            {},
            "the requests that failed went well in their traces",
            "requests to the same endpoints hardly fail in the traces",
        ),
    ],
    ids=["slow outside", "failed before", "failed after"],
)
def test_who_changed_meanwhile_did_not_do_what_the_traces_do_not_show(
    logged: dict,
    traced: dict,
    by_id: str,
    by_endpoint: str,
    ids: bool,  # type: ignore[type-arg]
) -> None:
    found = ik.diagnose(log(**logged, ids=ids), traces(**traced, drift=1.6))
    assert not found.dependencies["stated"].any()
    assert found.dependencies["evidence"][0].endswith(f"; but {by_id if ids else by_endpoint}")
    assert found.dependencies["objection"][0] == (by_id if ids else by_endpoint)
    # Only the requests themselves prove it: clocks that are apart look like that by endpoint.
    assert ("outside-traces" in found.findings["id"].to_list()) == ids


@with_and_without_ids
def test_what_lies_outside_the_traces_is_looked_for_among_the_attempts_that_the_proxy_logs(ids: bool) -> None:
    requests = log(late_ms=500, ids=ids).with_columns(
        upstream_addr=pl.lit("10.0.0.7:80"), upstream_status=pl.lit(200), upstream_duration_ms=pl.lit(20.0)
    )
    found = ik.diagnose(conform(requests, REQUESTS), traces(drift=1.6))
    # What the requests themselves do not prove may be due to clocks that are apart.
    assert found.dependencies.filter("stated")["name"].to_list() == (["proxy or client"] if ids else [])


@pytest.mark.parametrize("few", [3, 25])
def test_who_is_in_no_trace_of_what_went_bad_is_not_stated_be_they_ever_so_few(few: int) -> None:
    """Of /books hardly anything is traced; meanwhile the database of another endpoint became slower."""
    elsewhere = traces(drift=1.6, route="/authors")
    known = pl.col("trace_id").is_in([f"t{second}" for second in range(0, 2400, 2400 // few)][:few])
    quick = (
        traces(route="/books/{id}")
        .filter(known, pl.col("span_id") == "a")
        .with_columns(service=pl.lit("front"))
    )
    books = log(late_ms=500)
    authors = log().with_columns(route=pl.lit("/authors"), trace_id="a" + pl.col("trace_id"))
    spans = pl.concat([quick, elsewhere.with_columns(trace_id="a" + pl.col("trace_id"))])
    found = ik.diagnose(pl.concat([books, authors]), spans)
    assert not found.dependencies["stated"].any()
