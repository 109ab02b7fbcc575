"""A diagnosis in words: the same lines for a terminal, a chat and a notebook, and none that can act."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import incident_kit as ik

START = datetime(2026, 1, 31, 10, tzinfo=UTC)


def untimed_requests() -> pl.DataFrame:
    """Return ten minutes without durations; a route that would like to be a link and a tag."""
    times = [START + timedelta(seconds=second / 10) for second in range(6000)]
    fails = pl.int_range(6000).is_between(3000, 4500) & (pl.int_range(6000) % 3 == 0)
    return pl.DataFrame({"start_time": times}).with_columns(
        method=pl.lit("GET"),
        route=pl.lit("/<script>[x](http://evil.example)"),
        status=pl.when(fails).then(500).otherwise(200),
    )


@pytest.fixture(scope="module")
def untimed() -> ik.Diagnosis:
    return ik.diagnose(untimed_requests())


def test_a_target_that_was_not_measured_says_only_that(untimed: ik.Diagnosis) -> None:
    (line,) = [line for line in str(untimed).splitlines() if line.startswith("Target latency")]
    assert line == "Target latency (p95), at most 200 ms: not enough data."


def test_what_is_known_exactly_has_no_empty_interval(untimed: ik.Diagnosis) -> None:
    (line,) = [line for line in str(untimed).splitlines() if line.startswith("Target recovery")]
    assert "()" not in line


def test_a_log_that_is_bad_throughout_may_lie_within_an_incident() -> None:
    times = [START + timedelta(seconds=second / 10) for second in range(6000)]
    fails = pl.int_range(6000) % 5 == 0
    frame = pl.DataFrame({"start_time": times}).with_columns(status=pl.when(fails).then(500).otherwise(200))
    lines = str(ik.diagnose(frame)).splitlines()
    assert lines[0] == "No incident found, but targets are missed throughout."
    assert lines[2].startswith("The data miss the target for errors and availability")


def test_a_page_shows_an_option_as_code() -> None:
    failing = pl.DataFrame({"start_time": [START], "status": [500], "method": ["GET"], "route": ["/`a`"]})
    page = ik.diagnose(failing)._repr_html_()
    assert "(<code>--baseline</code>)" in page


def test_the_first_line_says_how_many_and_the_rest_when_and_where(untimed: ik.Diagnosis) -> None:
    first, _, incident, *_ = str(untimed).splitlines()
    assert first == "1 incident found."
    assert "from 2026-01-31 10:05:00 UTC to 2026-01-31 10:07:" in incident


def test_what_a_log_says_acts_neither_in_a_page_nor_in_a_chat(untimed: ik.Diagnosis) -> None:
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    for page in (untimed._repr_html_(), markdown2html_mistune(untimed.to_markdown())):
        assert "<script" not in page
        assert "<a " not in page


def test_markdown_is_short_enough_for_a_chat(untimed: ik.Diagnosis) -> None:
    lines = untimed.to_markdown().splitlines()
    assert len(lines) <= 12
    assert any(line.startswith("- Targets breached: errors ") for line in lines)


def test_markdown_is_to_be_pasted_and_holds_no_secret() -> None:
    frame = untimed_requests().with_columns(route=pl.lit("/users/ann.lee@example.com/orders"))
    pasted = ik.diagnose(frame).to_markdown()
    assert "GET /users/\\*\\*\\*/orders explains" in pasted
    assert "ann.lee" not in pasted


@pytest.mark.parametrize(("apart", "named"), [(1, 2), (1000, 1)], ids=["a tie", "one stands out"])
def test_endpoints_that_cannot_be_told_apart_are_named_together(apart: int, named: int) -> None:
    requests = pl.DataFrame({"number": range(12_000)}).with_columns(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * pl.col("number")),
        method=pl.lit("GET"),
        route=pl.when(pl.col("number") % 2 == 0).then(pl.lit("/a")).otherwise(pl.lit("/b")),
    )
    place = pl.col("number") // 2
    fails = pl.col("number").is_between(6_000, 8_000) & (place % 3 == 0)
    spared = (pl.col("route") == "/b") & (place % apart != 0)
    failing = requests.with_columns(status=pl.when(fails & ~spared).then(500).otherwise(200))
    (line,) = [line for line in str(ik.diagnose(failing)).splitlines() if " explains " in line]
    assert line.count("GET ") == named


def test_failures_that_are_spread_over_many_endpoints_are_said_to_be() -> None:
    numbers = pl.DataFrame({"number": range(12_000)})
    requests = numbers.select(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * pl.col("number")),
        method=pl.lit("GET"),
        route=pl.format("/{}", pl.col("number") % 8),
        status=pl.when(pl.col("number").is_between(6_000, 8_000)).then(500).otherwise(200),
    )
    said = str(ik.diagnose(requests)).splitlines()
    assert "The extra errors are spread over 8 endpoints; none of them stands out." in said


def test_where_no_span_lies_in_the_windows_no_dependency_is_a_candidate() -> None:
    earlier = {
        "trace_id": ["1"],
        "span_id": ["2"],
        "start": [START - timedelta(days=1)],
        "duration_ms": [1.0],
    }
    assert "candidate" not in str(ik.diagnose(untimed_requests(), pl.DataFrame(earlier)))


def spoilt(share: pl.Expr, **columns: pl.Expr) -> str:
    """Return what is said of twenty minutes at ten requests a second; some of them take a second longer."""
    number = pl.col("number")
    requests = pl.DataFrame({"number": range(12_000)}).with_columns(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * number),
        method=pl.lit("GET"),
        route=pl.lit("/a"),
        status=pl.lit(200),
        duration_ms=20
        + number * 7919 % 30
        + pl.when(share & number.is_between(6_000, 9_000)).then(1000.0).otherwise(0.0),
        line_number=number,
    )
    placed = requests.with_columns(upstream_addr=pl.format("10.0.0.{}:80", number * 104_729 % 5))
    return str(ik.diagnose(placed.with_columns(upstream_duration_ms="duration_ms", **columns)))


def test_upstreams_that_all_changed_alike_point_to_what_they_share() -> None:
    said = spoilt(pl.lit(value=True))
    assert "No upstream is surely worse than the others, so look at what all 5 share" in said
    assert ":80, the time it takes to answer grew from" in said


def test_some_upstreams_that_changed_alike_are_not_told_apart() -> None:
    said = spoilt(pl.col("number") * 104_729 % 5 < 3)
    assert " (upstream) cannot be told apart as the cause. Of 10.0.0." in said
    assert all(f"10.0.0.{number}:80 (upstream)" in said for number in range(3))


def test_an_upstream_that_stands_out_is_named() -> None:
    alone = spoilt(pl.col("number") * 104_729 % 5 == 3)
    assert "10.0.0.3:80 (upstream) is the cause: the time it takes to answer grew" in alone
    assert "cannot be told apart" not in alone


def test_requests_without_a_known_route_are_said_to_have_none() -> None:
    unknown = spoilt(pl.col("number") % 2 == 0, route=pl.when(pl.col("number") % 2 == 1).then(pl.lit("/a")))
    assert "of the excess has no known route" in unknown


def test_an_outage_has_no_candidate_for_a_cause() -> None:
    silent = spoilt(
        pl.lit(value=False),
        start_time=pl.col("start_time")
        + pl.when(pl.col("number") > 9_000).then(pl.duration(minutes=5)).otherwise(pl.duration()),
    )
    assert "never logged" in silent
    assert "candidate" not in silent


def test_of_an_outage_it_is_said_how_many_requests_never_arrived() -> None:
    requests = pl.DataFrame({"number": range(12_000)}).with_columns(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * pl.col("number")),
        method=pl.lit("GET"),
        route=pl.lit("/a"),
        status=pl.lit(200),
    )
    silent = str(ik.diagnose(requests.filter(~pl.col("number").is_between(6_000, 9_000))))
    assert "requests never arrived" in silent
    assert "bad request" not in silent


def test_an_incident_of_errors_that_slowed_an_endpoint_down_says_so(samples) -> None:
    log = ik.read_access_log(samples / "bad-release" / "access.log.gz").requests
    said = str(ik.diagnose(log))
    assert "Error incident from" in said
    assert "The p95 of POST /checkout moved from 62 ms to 814 ms" in said
    patient = ik.diagnose(log, targets={"latency_ms": 2000})
    assert "The p95 of" not in str(patient)


def test_what_was_not_measured_has_no_interval(untimed: ik.Diagnosis) -> None:
    (line,) = [line for line in str(untimed).splitlines() if line.startswith("Target requests in time")]
    assert line == "Target requests in time, at least 95 %: not enough data."


def test_what_two_incidents_have_in_common_is_advised_once(untimed: ik.Diagnosis) -> None:
    advice = [line for line in str(untimed).splitlines() if line.startswith("functionality: ")]
    twice = replace(untimed, findings=pl.concat([untimed.findings, untimed.findings]))
    assert [line for line in str(twice).splitlines() if line.startswith("functionality: ")] == advice
    assert len(advice) == 1


def test_advice_that_several_findings_give_is_said_once_with_how_many(untimed: ik.Diagnosis) -> None:
    first = untimed.findings.head(1)
    alike = pl.concat([first.with_columns(claim=pl.lit(f"It was over after {n} min.")) for n in (7, 8, 9)])
    (line,) = [
        line for line in str(replace(untimed, findings=alike)).splitlines() if "was over after" in line
    ]
    change = first["change"][0]
    assert line.endswith(f": It was over after 7 min. 2 other findings ask for the same. {change}")


def test_shares_are_of_what_the_incident_is_made_of() -> None:
    def half(number: pl.Expr) -> pl.Expr:
        return pl.when(number % 2 == 0).then(pl.lit("/a")).otherwise(pl.lit("/b"))

    slow = spoilt(pl.lit(value=True), route=half(pl.col("number")))
    assert "GET /a explains 50 %" in slow
    assert "of the extra slow requests." in slow
    assert "of the excess" not in slow


@pytest.mark.parametrize(("begin", "end", "times"), [(3_000, 6_000, 1), (9_000, 11_000, 2)])
def test_what_became_slow_is_told_of_the_incident_of_latency_alone(begin: int, end: int, times: int) -> None:
    """Checkout fails from 3,000 to 6,000 and search is slow a while: then, or later as well."""
    number = pl.col("number")
    is_search, fails = number % 2 == 0, number.is_between(3_000, 6_000)
    slow = is_search & (number.is_between(begin, end) | number.is_between(3_000, 6_000))
    requests = pl.DataFrame({"number": range(14_000)}).select(
        start_time=pl.lit(START) + pl.duration(milliseconds=100 * number),
        method=pl.lit("GET"),
        route=pl.when(is_search).then(pl.lit("/search")).otherwise(pl.lit("/checkout")),
        status=pl.when(fails & ~is_search).then(500).otherwise(200),
        duration_ms=20 + number * 7919 % 30 + pl.when(slow).then(1000.0).otherwise(0.0),
    )
    said = str(ik.diagnose(requests))
    assert said.count("The p95 of GET /search moved") == times
