"""Intervals and false discoveries agree with textbooks and papers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.arrays.intervals import benjamini_hochberg, block_weights, fieller, newcombe, wilson
from tests.laws import examples


def test_wilson_against_the_textbook() -> None:
    low, high = wilson([0, 5, 50], [10, 10, 100])
    assert low == pytest.approx([0.0, 0.2366, 0.4038], abs=1e-4)
    assert high == pytest.approx([0.2775, 0.7634, 0.5962], abs=1e-4)


@given(st.integers(0, 500), st.integers(0, 500))
@examples(50)
def test_an_interval_holds_its_share_and_stays_a_share(bad: int, good: int) -> None:
    low, high = wilson([bad], [bad + good])
    assert 0 <= low[0] <= high[0] <= 1
    if bad + good:
        assert low[0] <= bad / (bad + good) <= high[0]


def test_nothing_is_known_from_nothing() -> None:
    assert [float(bound[0]) for bound in wilson([0], [0])] == [0.0, 1.0]


def test_a_difference_of_shares_as_in_the_paper() -> None:
    # Newcombe (1998), table II, method 10: 56 of 70 less 48 of 80, and 9 of 10 less 3 of 10.
    low, high = newcombe(np.array([56.0, 9.0]), [70, 10], np.array([48.0, 3.0]), [80, 10])
    assert low == pytest.approx([0.0524, 0.1705], abs=1e-4)
    assert high == pytest.approx([0.3339, 0.8090], abs=1e-4)


def test_a_ratio_to_what_may_be_zero_has_no_bounds() -> None:
    low, high = fieller(
        np.array([1.0]),
        2.0,
        part_variance=np.array([1.0]),
        whole_variance=2.0,
        covariance=np.array([1.0]),
    )
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_each_replicate_draws_as_many_blocks_as_there_are() -> None:
    assert (block_weights(7, 50).sum(axis=1) == 7).all()
    assert (block_weights(7, 50) == block_weights(7, 50)).all()


def test_false_discoveries_are_controlled_as_in_the_paper() -> None:
    # The 15 p-values of Benjamini and Hochberg (1995), section 4.1: the four smallest are discoveries.
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
        0.6528, 0.7590, 1.0,
    ]  # fmt: skip
    assert benjamini_hochberg(p).sum() == 4
    assert not benjamini_hochberg([]).any()
