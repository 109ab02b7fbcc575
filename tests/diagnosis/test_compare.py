"""Two logs compared: a release that made something worse fails the gate, chance and moved traffic do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from incident_kit.diagnosis.comparison.changes import smallest_detectable
from incident_kit.diagnosis.comparison.compare import Comparison, compare
from incident_kit.diagnosis.detection.moved_traffic import pooled
from incident_kit.errors import ParameterError
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform, empty
from incident_kit.wording import EVERYWHERE

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def requests(
    size: int, *, fails: float = 0.0002, slow: float = 0.01, slower: float = 1.0, seed: int = 0
) -> pl.DataFrame:
    """Return requests to three routes; `/c` fails, is slow, or is slower by a factor."""
    draw = np.random.default_rng(seed)
    route = draw.choice(["/a", "/b", "/c"], size)
    worse = route == "/c"
    duration = draw.lognormal(np.log(40), 0.3, size) * np.where(worse, slower, 1)
    late = draw.uniform(size=size) < np.where(worse, slow, 0.01)
    failed = draw.uniform(size=size) < np.where(worse, fails, 0.0002)
    frame = {
        "start_time": [START + timedelta(milliseconds=10 * k) for k in range(size)],
        "method": ["GET"] * size,
        "route": route,
        "status": np.where(failed, 500, 200),
        "duration_ms": np.where(late, 400.0, duration),
    }
    return conform(pl.DataFrame(frame), REQUESTS)


BEFORE = requests(30_000)


@pytest.mark.parametrize(
    ("after", "indicator"),
    [
        (requests(30_000, fails=0.01, seed=1), "errors"),
        (requests(30_000, slow=0.08, seed=1), "latency"),
        (requests(30_000, slower=2.0, seed=1), "latency_quantile"),
    ],
)
def test_what_got_worse_is_a_regression_of_its_endpoint(after: pl.DataFrame, indicator: str) -> None:
    found = compare(BEFORE, after)
    worse = found.regressions.filter(pl.col("route") != EVERYWHERE)
    assert found.verdict == "regression"
    assert not found.passed
    assert indicator in worse["indicator"].to_list()
    assert set(worse["route"]) == {"/c"}
    assert str(found).startswith("Regression: ")
    assert str(found).count("all requests") <= 1


@pytest.mark.parametrize(
    ("worse", "sentence"),
    [
        (
            [("errors", "/c"), ("latency", "/c"), ("errors", EVERYWHERE), ("latency", EVERYWHERE)],
            "Regression: errors and slow requests of GET /c and all requests got worse.",
        ),
        (
            [("latency_quantile", "/a"), ("errors", EVERYWHERE), ("errors", "/c")],
            "Regression: latency of GET /a got worse; errors of GET /c and all requests got worse.",
        ),
    ],
)
def test_places_where_the_same_got_worse_are_named_together(
    worse: list[tuple[str, str]], sentence: str
) -> None:
    rows = [{"indicator": indicator, "method": "GET", "route": route} for indicator, route in worse]
    assert str(Comparison(pl.DataFrame(rows).with_columns(verdict=pl.lit("regression")))) == sentence


def test_of_many_places_the_first_are_named_and_the_others_counted() -> None:
    rows = [{"indicator": "errors", "method": "GET", "route": f"/{k}"} for k in range(600)]
    rows.append({"indicator": "errors", "method": EVERYWHERE, "route": EVERYWHERE})
    said = str(
        Comparison(pl.DataFrame(rows).with_columns(verdict=pl.lit("regression"), before=0.0, after=0.1))
    )
    assert said == (
        "Regression: errors of GET /0, GET /1, GET /2, GET /3, GET /4, 595 more endpoints and all requests "
        "got worse."
    )


def test_logs_without_durations_are_compared_by_their_errors() -> None:
    untimed = [
        requests(30_000, fails=fails, seed=seed).with_columns(duration_ms=pl.lit(None, pl.Float64))
        for fails, seed in ((0.0, 1), (0.01, 2))
    ]
    found = compare(*untimed)
    assert set(found.changes["indicator"]) == {"errors"}
    assert found.verdict == "regression"


def test_what_got_better_is_no_regression() -> None:
    found = compare(requests(30_000, fails=0.02, seed=1), BEFORE)
    assert found.passed
    assert "improvement" in found.changes["verdict"].to_list()


def test_the_same_software_twice_passes() -> None:
    found = [compare(BEFORE, requests(30_000, seed=seed)) for seed in range(10, 20)]
    assert all(one.passed for one in found)
    assert repr(found[0]) == str(found[0])
    assert str(found[0]).startswith("No regression; a rise of errors by 0.")
    assert str(found[0]).endswith(" percentage points would have been seen.")


def test_too_few_requests_do_not_pass() -> None:
    found = compare(BEFORE, requests(200, fails=0, slow=0.01, seed=3))
    assert found.verdict == "not enough data"
    assert not found.passed


def test_rollups_compare_like_their_requests() -> None:
    after = requests(30_000, fails=0.01, seed=1)
    assert compare(rollup_requests(BEFORE), rollup_requests(after)).changes.equals(
        compare(BEFORE, after).changes
    )


def test_an_interval_holds_its_change() -> None:
    changes = compare(BEFORE, requests(30_000, fails=0.01, seed=1)).changes.drop_nulls()
    assert (changes["low"] <= changes["change"]).all()
    assert (changes["change"] <= changes["high"]).all()


def test_a_rise_of_the_smallest_detectable_size_is_seen_four_times_in_five() -> None:
    draw, n, share = np.random.default_rng(0), 50_000.0, 0.01
    rise = float(smallest_detectable(np.array(share), np.array(n), np.array(n)))
    old, new = draw.binomial(int(n), share, 4000) / n, draw.binomial(int(n), share + rise, 4000) / n
    pooled = (old + new) / 2
    seen = (new - old) / np.sqrt(2 * pooled * (1 - pooled) / n) > 1.96
    assert seen.mean() == pytest.approx(0.8, abs=0.05)


def test_nothing_compared_with_something_is_not_enough() -> None:
    assert compare(empty(REQUESTS), BEFORE).verdict == "not enough data"


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(ParameterError, match="no target called"):
        compare(BEFORE, BEFORE, targets={"latencyms": 3})


def counted(*endpoints: tuple[str, int, int]) -> pl.DataFrame:
    """Return requests to routes, each given as its name, its requests, and how many of them failed slowly."""
    parts = [
        pl.DataFrame(
            {
                "start_time": [START + timedelta(seconds=600 * k / size) for k in range(size)],
                "method": ["GET"] * size,
                "route": [route] * size,
                "status": [500 if k * bad // size != (k + 1) * bad // size else 200 for k in range(size)],
            },
            schema_overrides={"start_time": pl.Datetime("us", "UTC")},
        ).with_columns(duration_ms=pl.when(pl.col("status") == 500).then(400.0).otherwise(20.0))
        for route, size, bad in endpoints
    ]
    return conform(pl.concat(parts), REQUESTS)


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        pytest.param([("/a", 1, 0)], [("/a", 1, 1)], "not enough data", id="one request against one"),
        pytest.param([("/a", 5, 0)], [("/a", 5, 1)], "not enough data", id="one of five"),
        pytest.param([("/a", 9_000, 9)], [("/a", 9_000, 90)], "regression", id="ten times as many"),
        pytest.param([("/a", 9_000, 0)], [("/a", 10, 10)], "regression", id="all of a small canary"),
        pytest.param([], [], "not enough data", id="nothing on either side"),
        pytest.param([], [("/a", 9_000, 0)], "not enough data", id="nothing before"),
    ],
)
def test_a_gate_is_as_sure_as_its_requests_are_many(
    before: list[tuple[str, int, int]], after: list[tuple[str, int, int]], verdict: str
) -> None:
    sides = [counted(*side) if side else empty(REQUESTS) for side in (before, after)]
    found = compare(*sides)
    assert found.verdict == verdict
    assert found.passed is False


def test_no_regression_has_an_interval_that_holds_no_change() -> None:
    for bad in range(1, 12):
        worse = compare(counted(("/a", 12, 0)), counted(("/a", 12, bad))).regressions
        assert (worse["low"] > 0).all(), bad


def test_a_canary_with_few_requests_to_each_of_many_endpoints_is_no_regression() -> None:
    """Twenty-five requests bound a p95 by their slowest one above, and closely below."""
    draw = np.random.default_rng(7)
    sides = [
        requests(size, seed=size).with_columns(
            route=pl.Series(draw.integers(0, 20, size)).cast(pl.String), status=pl.lit(200, pl.Int16)
        )
        for size in (5_000, 500)
    ]
    assert compare(*sides).regressions.is_empty()


def test_endpoints_that_all_have_too_few_requests_for_a_quantile_are_compared_all_the_same() -> None:
    scattered = [
        requests(2_000, seed=seed).with_columns(route=pl.Series(range(2_000)).cast(pl.String))
        for seed in (1, 2)
    ]
    assert compare(*scattered).changes.filter(indicator="latency_quantile", route=EVERYWHERE).height == 1


def test_traffic_that_moves_to_what_was_as_bad_before_is_no_regression() -> None:
    found = compare(
        counted(("/quick", 9_000, 0), ("/search", 1_000, 900)),
        counted(("/quick", 8_000, 0), ("/search", 2_000, 1_800)),
    )
    overall = found.changes.filter(indicator="errors", route=EVERYWHERE).row(0, named=True)
    assert (overall["change"], overall["verdict"]) == (pytest.approx(0.09), "traffic moved")
    assert found.passed
    assert "rose only because traffic moved to endpoints that were as bad before" in str(found)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param([("/quick", 8_000, 0), ("/search", 2_000, 2_000)], id="and it got worse as well"),
        pytest.param([("/quick", 9_000, 40), ("/search", 1_000, 900)], id="it did not move"),
        pytest.param([("/quick", 9_000, 0), ("/search", 1_000, 900), ("/new", 300, 300)], id="it is new"),
    ],
)
def test_what_is_more_than_moved_traffic_is_a_regression(after: list[tuple[str, int, int]]) -> None:
    assert compare(counted(("/quick", 9_000, 0), ("/search", 1_000, 900)), counted(*after)).regressions.height


@pytest.mark.parametrize(("requests", "judged"), [(19, "(seldom)"), (20, "/rare")])
def test_an_endpoint_that_the_baseline_hardly_knows_is_not_judged_alone(requests: int, judged: str) -> None:
    before = pl.DataFrame({"method": ["GET"], "route": ["/rare"], "requests": [requests], "bad": [0]})
    assert [table["route"].to_list() for table in pooled(before, before)] == [[judged], [judged]]


def test_a_new_endpoint_that_fails_is_named_where_no_other_explains_the_rise() -> None:
    found = compare(counted(("/a", 9_000, 0)), counted(("/a", 9_000, 0), ("/new", 100, 100)))
    assert "GET /new is new, and 100 % of its requests fail" in str(found)


def test_of_many_new_endpoints_that_fail_the_worst_are_named() -> None:
    new = [(f"/new-{bad}", 100, bad) for bad in (70, 80, 90, 100)]
    said = str(compare(counted(("/a", 9_000, 0)), counted(("/a", 9_000, 0), *new)))
    assert said.count("of its requests fail") == 2
    assert said.index("/new-100 is new") < said.index("/new-90 is new")


def test_traffic_that_moves_away_from_what_takes_no_time_is_no_regression() -> None:
    """A log in whole seconds writes nought for nearly all of them, so the quantile may be nought."""
    whole_seconds = [
        counted(("/quick", quick, 0), ("/search", 10_000 - quick, 0)).with_columns(
            duration_ms=pl.when(pl.col("route") == "/quick").then(0.0).otherwise(1000.0)
        )
        for quick in (9_700, 9_000)
    ]
    overall = compare(*whole_seconds).changes.filter(route=EVERYWHERE, indicator="latency_quantile")
    assert overall.select("before", "after", "verdict").row(0) == (
        0,
        pytest.approx(1000, rel=0.01),
        "traffic moved",
    )


def test_a_renamed_route_is_no_regression() -> None:
    found = compare(
        counted(("/a", 9_000, 0), ("/old", 1_000, 900)), counted(("/a", 9_000, 0), ("/new", 1_000, 900))
    )
    assert found.regressions.is_empty()


def test_a_latency_target_may_be_a_whole_number() -> None:
    whole, broken = (compare(BEFORE, BEFORE, targets={"latency_ms": given}) for given in (300, 300.0))
    assert whole.changes.equals(broken.changes)


def test_all_requests_have_one_name_in_every_row() -> None:
    names = compare(BEFORE, BEFORE).changes.filter(route=EVERYWHERE)["method"].unique().to_list()
    assert names == [EVERYWHERE]


def test_no_share_is_said_to_be_able_to_rise_beyond_all() -> None:
    found = compare(counted(("/a", 1, 0)), counted(("/a", 1, 0)))
    assert found.changes.filter(indicator="errors")["detectable"].is_null().all()
    assert str(found) == "Not enough data; nothing could have been seen."
