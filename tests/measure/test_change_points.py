"""A level that shifts is found to the bucket, in counts and in arrivals; noise is no shift."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.measure.arrays.change_points import (
    binomial_evidence,
    binomial_score,
    poisson_score,
    two_sample_evidence,
    two_states,
)
from incident_kit.measure.arrays.dispersion import overdispersion
from incident_kit.measure.arrays.runs import join_runs, true_runs
from tests.laws import examples


def brute_force(score: list[float], cost: float) -> float:
    """Return the best total over every sequence of states that begins in the usual one."""
    best = -np.inf
    for code in range(2 ** len(score)):
        states = [code >> place & 1 for place in range(len(score))]
        switches = sum(a != b for a, b in zip([0, *states], states, strict=False))
        best = max(best, sum(s for s, state in zip(score, states, strict=True) if state) - cost * switches)
    return best


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=9), st.floats(0.5, 8))
@examples(100)
def test_the_states_are_the_most_likely_of_all_sequences(score: list[float], cost: float) -> None:
    states = two_states(np.array(score), cost)
    switches = int(states[0]) + int((np.diff(states.astype(int)) != 0).sum())
    assert np.array(score)[states].sum() - cost * switches == pytest.approx(
        brute_force(score, cost), abs=1e-6
    )


def test_a_step_in_binomial_counts_is_found_to_the_bucket() -> None:
    bad, total = np.zeros(100), np.full(100, 50.0)
    bad[40:70] = 10
    states = two_states(binomial_score(bad, total, 0.001, 0.05), 8)
    assert true_runs(states) == [(40, 70)]


def test_a_stop_in_arrivals_is_found_to_the_bucket() -> None:
    count = np.full(100, 20.0)
    count[30:50] = 0
    assert true_runs(two_states(poisson_score(count, 20.0, 2.0), 8)) == [(30, 50)]


def test_one_that_is_there_from_the_first_bucket_begins_there() -> None:
    assert true_runs(two_states(np.array([6.0, 6.0, 6.0, -9.0, -9.0, -9.0]), 8)) == [(0, 3)]


def test_runs_close_to_each_other_are_joined() -> None:
    assert join_runs([(0, 2), (4, 6), (20, 21)], gap=3) == [(0, 6), (20, 21)]
    assert join_runs([(0, 2), (4, 6)], gap=2) == [(0, 2), (4, 6)]
    assert true_runs(np.zeros(5, dtype=bool)) == []


def test_a_usual_share_from_few_requests_is_little_evidence() -> None:
    assert two_sample_evidence(50, 1000, 0.01, 1e9) == pytest.approx(
        binomial_evidence(50, 1000, 0.01), rel=1e-3
    )
    assert two_sample_evidence(50, 1000, 0.01, 100) < binomial_evidence(50, 1000, 0.01) / 3
    assert two_sample_evidence(5, 1000, 0.01, 100) == binomial_evidence(5, 1000, 0.01) == 0


def test_counts_that_come_together_are_overdispersed() -> None:
    draw = np.random.default_rng(0)
    expected = np.full(4000, 2.0)
    assert overdispersion(draw.poisson(expected), expected, 4) < 1.2
    assert overdispersion(5.0 * draw.poisson(expected / 5), expected, 4) == pytest.approx(5, rel=0.2)
    assert overdispersion(np.zeros(10), np.zeros(10), 2) == 1


def test_one_block_alone_tells_no_dispersion() -> None:
    assert overdispersion(np.array([90.0, 10.0]), np.ones(2), block=2) == 1
