"""Quantiles of a histogram are those of its values, as close as its buckets are wide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.arrays.histogram import (
    ZERO,
    bucket_index,
    coarser,
    quantile,
    quantiles,
    upper_bound,
)

DURATIONS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=200)


@given(DURATIONS)
def test_a_value_lies_between_its_buckets_bounds(values: list[float]) -> None:
    index = bucket_index(values)
    assert (np.array(values) <= upper_bound(index) * (1 + 1e-12)).all()
    assert (np.array(values) > upper_bound(index - 1) * (1 - 1e-12)).all()


@given(DURATIONS)
def test_a_coarser_scale_of_the_index_is_the_index_at_the_coarser_scale(values: list[float]) -> None:
    safe = [value for value in values if abs(np.log2(value) * 64 % 1 - 0.5) < 0.49]
    assert (coarser(bucket_index(safe)) == bucket_index(safe, scale=5)).all()


@given(DURATIONS, st.floats(0, 1))
def test_a_quantile_is_within_a_bucket_of_an_order_statistic(values: list[float], q: float) -> None:
    index, counts = np.unique(bucket_index(values), return_counts=True)
    exact = np.quantile(values, q, method="inverted_cdf")
    assert quantile(index, counts, q) == pytest.approx(exact, rel=0.0111)


def test_zero_has_a_bucket_of_its_own() -> None:
    assert bucket_index([0.0, 1.0]).tolist() == [ZERO, -1]
    assert quantile(bucket_index([0.0]), [3], 0.5) == 0.0


def test_an_empty_histogram_has_no_quantile() -> None:
    assert np.isnan(quantile(np.array([], dtype=np.int32), [], 0.5))


@given(st.lists(DURATIONS, min_size=1, max_size=5))
def test_many_histograms_at_once_are_each_one_alone(groups: list[list[float]]) -> None:
    index = np.concatenate([bucket_index(values) for values in groups])
    group = np.repeat(np.arange(len(groups)), [len(values) for values in groups])
    together = quantiles(group, index, np.ones(len(index)), (0.0, 0.5, 0.99))
    alone = [[quantile(bucket_index(v), np.ones(len(v)), q) for q in (0.0, 0.5, 0.99)] for v in groups]
    assert together == pytest.approx(np.array(alone))
