"""A rollup counts requests exactly, and its parts add up to the whole, in any order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.errors import ParameterError, SchemaError
from incident_kit.measure.arrays.histogram import bucket_index
from incident_kit.measure.indicators.bad_requests import bad_counts, is_bad
from incident_kit.measure.rollups import in_parts
from incident_kit.measure.rollups.buckets import coarse_bucket, fitting_bucket
from incident_kit.measure.rollups.combining import HASH_SEED, are_kept
from incident_kit.measure.rollups.merging import coarsen, merge
from incident_kit.measure.rollups.rollup import Rollup, rollup_requests
from incident_kit.measure.rollups.tables import OTHER, TABLES, VALUES_KEPT
from incident_kit.schema import REQUESTS, conform, empty
from incident_kit.slo import Slo, Targets
from tests.laws import examples

Make = Callable[..., pl.DataFrame]
START = datetime(2026, 1, 1, 10, tzinfo=UTC)


def random_requests(seed: int, size: int = 300) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    rows = {
        "start_time": [START + timedelta(seconds=float(s)) for s in draw.uniform(0, 500, size)],
        "method": draw.choice(["GET", "POST"], size).tolist(),
        "route": draw.choice(["/a", "/b", "/c", None], size).tolist(),
        "path": draw.choice(["/a", "/healthz"], size, p=[0.95, 0.05]).tolist(),
        "status": draw.choice([200, 404, 499, 500], size),
        "duration_ms": [None if d < 1 else float(d) for d in draw.lognormal(4, 1.5, size)],
        "client_ip": [f"10.{a}.{b}.1" for a, b in draw.integers(0, 250, (size, 2))],
        "upstream_addr": draw.choice(["10.0.0.1:80", None], size).tolist(),
        "upstream_status": draw.choice([200, 502], size),
        "source": ["log"] * size,
        "line_number": range(size),
    }
    return conform(pl.DataFrame(rows), REQUESTS)


def assert_same(one: Rollup, other: Rollup) -> None:
    assert one.meta == other.meta
    for name in (*TABLES, "exemplars"):
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_counts_add_up_to_the_valid_requests(make_requests: Make) -> None:
    rollup = rollup_requests(
        make_requests(
            {"at": 0, "status": 200, "duration_ms": 10.0},
            {"at": 0.5, "status": 200, "duration_ms": 250.0},
            {"at": 1, "status": 499, "duration_ms": 300.0},
            {"at": 1, "status": 200, "duration_ms": None},
            {"at": 2, "path": "/healthz"},
        )
    )
    columns = ["status", "requests", "slow", "given_up", "timed", "duration_us"]
    assert rollup.counts.select(columns).rows() == [
        (200, 2, 1, 0, 2, 260_000),
        (200, 1, 0, 0, 0, 0),
        (499, 1, 1, 1, 1, 300_000),
    ]
    assert rollup.excluded.select("reason", "requests").rows() == [("health check", 1)]
    assert (rollup.meta.requests, rollup.meta.excluded) == (5, 1)


def test_the_latency_table_holds_the_histogram_of_the_array_function() -> None:
    requests = random_requests(1).filter(pl.col("path") != "/healthz")
    rolled = rollup_requests(requests).latency.group_by("bucket").agg(pl.col("requests").sum()).sort("bucket")
    index, counts = np.unique(bucket_index(requests["duration_ms"].drop_nulls()), return_counts=True)
    assert rolled.rows() == list(zip(index.tolist(), counts.tolist(), strict=True))


def test_a_request_that_was_tried_again_counts_at_the_upstream_that_is_to_blame(make_requests: Make) -> None:
    tries = '[{"addr":"a","status":504,"ms":2000.0},{"addr":"b","status":200,"ms":20.0}]'
    once = {"at": 0, "duration_ms": 20.0, "upstream_addr": "b", "upstream_duration_ms": 20.0}
    again = {
        **once,
        "duration_ms": 2020.0,
        "upstream_duration_ms": 2020.0,
        "extra": f'{{"attempts":{tries}}}',
    }
    upstreams = rollup_requests(make_requests(once, again)).upstreams
    columns = ["upstream", "status", "requests", "slow", "duration_us"]
    assert upstreams.select(columns).rows() == [("a", 504, 1, 1, 2_000_000), ("b", 200, 1, 0, 20_000)]


@given(st.integers(0, 1000), st.lists(st.integers(0, 2), min_size=300, max_size=300))
@examples(15)
def test_parts_add_up_to_the_whole_in_any_order(seed: int, part: list[int]) -> None:
    requests = random_requests(seed).with_columns(pl.Series("part", part))
    whole = rollup_requests(requests, bucket_s=1)
    a, b, c = (rollup_requests(requests.filter(pl.col("part") == k), bucket_s=1) for k in range(3))
    assert_same(merge([a, b, c]), whole)
    assert_same(merge([merge([c, b]), a]), whole)
    assert_same(merge([a, merge([b, c])]), whole)


@given(st.integers(0, 1000), st.integers(1, 400), st.sampled_from([0, 2]))
@examples(15)
def test_a_long_frame_is_rolled_up_as_a_short_one(seed: int, at_once: int, astray: int) -> None:
    requests = random_requests(seed)[: 8 * at_once]  # eight parts at most, for each is a rollup of its own
    long_ago = requests[:astray].with_columns(start_time=pl.col("start_time") - timedelta(days=20_000))
    whole = rollup_requests(pl.concat([long_ago, requests]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_parts, "ROWS_AT_ONCE", at_once)
        assert_same(rollup_requests(pl.concat([long_ago, requests])), whole)


def test_a_bucket_fits_when_the_requests_ended_not_when_they_began(make_requests: Make) -> None:
    hour = [{"at": at, "duration_ms": 1.0} for at in range(0, 3_600, 60)]
    assert rollup_requests(make_requests(*hour)).meta.bucket_s == 1
    assert rollup_requests(make_requests(*hour, {"at": 3_590, "duration_ms": 60_000.0})).meta.bucket_s == 2
    checks = [{"at": 40_000, "path": "/healthz"}]
    assert rollup_requests(make_requests(*hour, *checks)).meta.bucket_s == 1


@given(st.integers(0, 1000))
@examples(10)
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    requests = random_requests(seed)
    assert_same(
        rollup_requests(requests), rollup_requests(requests.sample(fraction=1, shuffle=True, seed=seed))
    )


@pytest.mark.parametrize("bucket_s", [2, 10, 60])
def test_coarser_buckets_are_what_rolling_up_with_them_gives(bucket_s: int) -> None:
    requests = random_requests(5)
    coarse = coarsen(rollup_requests(requests, bucket_s=1), bucket_s)
    assert_same(coarse, rollup_requests(requests, bucket_s=bucket_s))


def test_different_buckets_meet_at_their_common_multiple() -> None:
    one, other = random_requests(1), random_requests(2)
    merged = merge([rollup_requests(one, bucket_s=2), rollup_requests(other, bucket_s=5)])
    assert (merged.meta.bucket_s, merged.meta.coarse_bucket_s) == (10, 100)


@pytest.mark.parametrize("bucket_s", range(1, 31))
def test_the_coarse_bucket_nests_with_the_fine_one(bucket_s: int) -> None:
    assert coarse_bucket(bucket_s) % bucket_s == 0
    assert all(coarse_bucket(bucket_s * k) % coarse_bucket(bucket_s) == 0 for k in range(1, 8))


@pytest.mark.parametrize(
    ("minutes", "bucket_s"), [(10, 1), (60, 1), (61, 2), (24 * 60, 30), (7 * 24 * 60, 60)]
)
def test_the_bucket_fits_the_span(minutes: int, bucket_s: int) -> None:
    assert fitting_bucket(START, START + timedelta(minutes=minutes)) == bucket_s


def test_it_says_what_it_holds_and_of_what_time() -> None:
    rollup = rollup_requests(random_requests(4, 100).with_columns(start_time=START, duration_ms=None))
    assert re.search(r"100 requests, .*, 2\S+ (\d\d:\d\d:\d\d) to \1 UTC, buckets of 1 s", repr(rollup))
    assert "no time" in repr(rollup_requests(random_requests(4, 100).clear()))


@pytest.mark.parametrize("attribute", ["client_network", "host"])  # as text, and dictionary-encoded
def test_beyond_the_kept_values_an_attribute_is_counted_together(attribute: str) -> None:
    requests = random_requests(3, 2000).with_columns(host="client_ip")
    values = rollup_requests(requests).attributes.filter(attribute=attribute)
    assert values["value"].n_unique() == VALUES_KEPT + 1
    assert values["requests"].sum() > values.filter(value=OTHER)["requests"].sum() > 0


def test_files_and_what_wrappers_told_are_counted() -> None:
    pod = pl.format('{{"k8s.pod.name":"web-{}"}}', pl.int_range(pl.len()) % 3)
    requests = random_requests(3, 300).with_columns(source=pl.lit("web.log"), extra=pod)
    found = rollup_requests(requests).attributes.filter(pl.col("attribute").is_in(["source", "k8s.pod.name"]))
    by_value = dict(found.group_by("value").agg(pl.col("requests").sum()).iter_rows())
    assert set(by_value) == {"web.log", "web-0", "web-1", "web-2"}
    assert by_value.pop("web.log") == sum(by_value.values()) > 0


@pytest.mark.parametrize("distinct", [0, 1, VALUES_KEPT - 1, VALUES_KEPT, VALUES_KEPT + 1, 20_000])
@pytest.mark.parametrize("times", [1, 50])
def test_the_values_that_stay_apart_are_the_smallest_by_hash_however_often_they_occur(
    distinct: int, times: int
) -> None:
    values = pl.Series([OTHER, *map(str, range(distinct))] * times)
    apart = values.filter(values != OTHER).unique()
    expected = apart.gather(apart.hash(HASH_SEED).arg_sort().head(VALUES_KEPT))
    assert set(values.filter(are_kept(values))) == set(expected)


@pytest.mark.parametrize("slo", [Slo("errors", 0.999), Slo("latency", 0.95), Slo("availability", 0.999)])
def test_both_translators_of_an_slo_agree(slo: Slo) -> None:
    requests = random_requests(9).filter(pl.col("path") != "/healthz")
    known = requests.select(is_bad(slo)).drop_nulls()
    counted = bad_counts(rollup_requests(requests), slo, by=())
    assert (counted["requests"].sum(), counted["bad"].sum()) == (known.height, known["bad"].sum())


def test_another_threshold_is_answered_from_the_histogram() -> None:
    requests = random_requests(9).filter(pl.col("path") != "/healthz")
    exact = int((requests["duration_ms"] > 80).sum())
    assert bad_counts(rollup_requests(requests), Slo("latency", 0.95, 80), by=())[
        "bad"
    ].sum() == pytest.approx(exact, rel=0.05)


def test_no_request_gives_an_empty_rollup() -> None:
    rollup = rollup_requests(empty(REQUESTS))
    assert rollup.counts.is_empty()
    assert rollup.window is None
    assert merge([rollup, rollup_requests(random_requests(1))]).meta.requests == 300


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: merge([]), "no rollup"),
        (lambda: rollup_requests(random_requests(1), bucket_s=2, coarse_bucket_s=15), "give a multiple"),
        (lambda: rollup_requests(random_requests(1), coarse_bucket_s=0), "no whole number"),
        (lambda: coarsen(rollup_requests(random_requests(1), bucket_s=2), 3), "multiple"),
        (lambda: bad_counts(rollup_requests(random_requests(1)), Slo("errors", 0.9), by=("host",)), "host"),
        (
            lambda: merge(
                [
                    rollup_requests(random_requests(1)),
                    rollup_requests(random_requests(1), targets=Targets(300)),
                ]
            ),
            "threshold",
        ),
    ],
)
def test_what_cannot_be_is_said(wrong: Callable[[], Any], says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        wrong()


def test_a_frame_without_times_is_refused() -> None:
    with pytest.raises(SchemaError, match="start_time"):
        rollup_requests(pl.DataFrame({"a": [1]}))
