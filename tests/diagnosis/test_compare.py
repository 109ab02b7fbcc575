from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from incident_kit.diagnosis.changes import EVERYWHERE, smallest_detectable
from incident_kit.diagnosis.compare import Comparison, compare
from incident_kit.errors import ParameterError
from incident_kit.measure.rollup import rollup_requests
from incident_kit.schema import REQUESTS, conform, empty

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
