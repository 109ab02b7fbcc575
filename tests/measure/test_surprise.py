"""How unusual a value is, and how far a kind's values moved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from incident_kit.measure.arrays.level_changes import Levels, changes, levels
from incident_kit.measure.arrays.rank_sums import rank_evidence
from incident_kit.measure.arrays.rate_changes import Occurrences, loss_effect, occurrences, rate_changes
from incident_kit.measure.arrays.samples import Groups, Sample, codes_and_index
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.arrays.surprise import MAX_SURPRISE, TAIL_SURPRISE, surprises
from tests.laws import examples

BEFORE, AFTER = np.array([True, False]), np.array([False, True])


def sample(before: list[float], after: list[float]) -> Levels:
    """Values of one kind, each in a trace of its own, in two stretches of time."""
    value = np.array([*before, *after], dtype=float)
    key, trace = np.zeros(len(value), dtype=np.int64), np.arange(len(value))
    stretches = Stretches((trace >= len(before)).astype(np.int64), 2)
    return levels(Sample(key, trace, 1, value, 1.0), stretches, np.ones(len(value), dtype=bool))


def drawn(size: int, scale: float, seed: int = 0) -> list[float]:
    return list(scale * np.random.default_rng(seed).lognormal(0, 0.3, size))


def effect(before: list[float], after: list[float], comparisons: int = 1) -> float:
    return float(changes(sample(before, after), BEFORE, AFTER, comparisons).effect[0])


def surprise_of(before: list[float], after: list[float]) -> np.ndarray:
    """In the order of the values as they are given."""
    found = sample(before, after)
    surprise = np.empty(len(found.stretch))
    surprise[found.observed.rows] = surprises(found.observed, BEFORE[found.stretch])
    return surprise


def test_a_usual_value_is_hardly_surprising_and_an_unseen_one_is_beyond_the_knee() -> None:
    surprise = surprise_of(list(np.expm1(np.linspace(0, 1, 100))), list(np.expm1([0.5, 3.0])))
    assert surprise[100] == pytest.approx(np.log(2), abs=0.05)
    assert TAIL_SURPRISE < surprise[101] <= MAX_SURPRISE


@given(st.lists(st.floats(0, 10), min_size=5, max_size=40), st.floats(0, 10), st.floats(0, 5))
@examples(50)
def test_a_higher_value_is_never_less_surprising(usual: list[float], level: float, more: float) -> None:
    surprise = surprise_of(usual, [level, level + more])
    assert surprise[-1] >= surprise[-2] - 1e-9


def test_keys_do_not_disturb_each_other() -> None:
    first, second = drawn(40, 10), drawn(40, 1000, seed=1)
    alone = effect(first[:20], [3 * value for value in first[20:]])
    key = np.repeat([0, 1], 40)
    value = np.array([*first[:20], *(3 * value for value in first[20:]), *second])
    halves = Stretches(np.tile(np.repeat([0, 1], 20), 2), 2)
    both = levels(Sample(key, np.arange(80), 2, value, 1.0), halves, np.ones(80, dtype=bool))
    assert changes(both, BEFORE, AFTER).effect[0] == pytest.approx(alone)


def test_a_larger_change_has_a_larger_effect_and_none_has_none() -> None:
    before = drawn(50, 10)
    small, large = (effect(before, drawn(50, scale, seed=1)) for scale in (20, 200))
    assert effect(before, drawn(50, 10, seed=1)) < 0.1 < small < large


def test_single_stalls_are_no_change_of_level() -> None:
    stalls = [10_000.0] * 20
    assert effect(drawn(1000, 10), [*drawn(980, 10, seed=1), *stalls]) == 0
    assert effect(drawn(1000, 10), [*drawn(900, 10, seed=1), *(5 * stalls)]) > 1


def test_a_steady_value_that_grows_a_little_is_not_as_surprising_as_can_be() -> None:
    steady = list(np.linspace(9.99, 10.01, 100))
    assert surprise_of(steady, [10.5])[-1] < TAIL_SURPRISE + 1 < MAX_SURPRISE


def test_what_got_faster_has_no_effect() -> None:
    assert effect(drawn(50, 100), drawn(50, 10, seed=1)) == 0


@pytest.mark.parametrize(("before", "after"), [(4, 50), (50, 2)])
def test_too_few_traces_say_nothing(before: int, after: int) -> None:
    assert effect(drawn(before, 10), drawn(after, 100, seed=1)) == 0


def test_a_few_values_that_happen_to_be_high_do_not_survive_many_comparisons() -> None:
    before, after = [10, 11, 12, 10, 11, 12], [11, 10, 12, 11, 400, 400]
    assert effect(before, after) > 3
    assert effect(before, after, comparisons=100) == 0
    assert effect(drawn(60, 10), drawn(60, 40, seed=1), comparisons=100) > 3


@given(st.integers(0, 1000), st.integers(5, 40), st.integers(3, 40), st.floats(0.5, 3))
@examples(40)
def test_rank_evidence_is_that_of_the_rank_sum_test(seed: int, n0: int, n1: int, factor: float) -> None:
    before, after = drawn(n0, 10, seed), drawn(n1, 10 * factor, seed + 1)
    known = mannwhitneyu(
        after, before, alternative="greater", method="asymptotic", use_continuity=False
    ).pvalue
    assert np.exp(-rank_sums(before, after)) == pytest.approx(known, rel=1e-6)


def rank_sums(before: list[float], after: list[float]) -> float:
    found = sample(before, after)
    n0, n1 = found.calls
    return float(rank_evidence(found.rank_sums[1], n1, n0, n1, n0)[0])


@pytest.mark.parametrize("factor", [1.0, 1000.0])
def test_values_rounded_to_the_same_few_steps_prove_nothing(factor: float) -> None:
    rounded = [factor * step for step in (1, 2, 2, 3)] * 30
    assert rank_sums(rounded, rounded) == pytest.approx(np.log(2))


def counted(events: float, trials: float) -> Occurrences:
    return Occurrences(*(np.array([number]) for number in (events, trials, trials)))


@pytest.mark.parametrize(
    ("before", "after", "rises"),
    [
        ((0, 100), (50, 100), True),
        ((0, 3), (1, 3), False),
        ((50, 100), (50, 100), False),
        ((0, 0), (5, 5), False),
    ],
)
def test_a_rate_rises_by_what_its_bound_leaves(
    before: tuple[int, int], after: tuple[int, int], rises: bool
) -> None:
    rise = float(rate_changes(counted(*before), counted(*after))[0])
    assert (rise > 0) == rises
    assert rise <= after[0] / max(after[1], 1)


def test_none_of_three_is_not_taken_for_never() -> None:
    shrunk_for_three_traces = 3 / 5
    assert rate_changes(counted(0, 3), counted(3, 3))[0] < 0.8 * shrunk_for_three_traces


def test_losing_more_calls_has_a_larger_effect() -> None:
    share = np.linspace(0, 1, 11)
    assert (np.diff(loss_effect(share, 100.0, 1.0)) > 0).all()
    assert loss_effect(np.zeros(1), 100.0, 1.0)[0] == 0


def test_values_of_one_trace_count_once() -> None:
    observed = Groups(np.zeros(4, dtype=np.int64), np.array([0, 0, 0, 2]), 1)
    assert Stretches(np.array([0, 0, 0]), 1).traces(observed).tolist() == [[2]]
    assert Stretches(np.array([0, 0, 1]), 2).traces(observed).tolist() == [[1], [1]]


def test_what_is_counted_in_stretches_adds_up() -> None:
    observed = Groups(np.array([0, 1, 1, 0, 2]), np.arange(5), 3)
    happened = np.array([True, False, True, False, False])
    found = occurrences(observed, happened, Stretches(np.arange(5) // 2, 3))
    assert found.trials.tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]  # to key 2 it never happens
    together = found.within(np.array([True, True, False]))
    assert (together.events.tolist(), together.trials.tolist()) == ([1, 1, 0], [2, 2, 0])


@given(st.lists(st.integers(0, 9), max_size=30))
@examples(30)
def test_numbers_stand_for_their_codes(codes: list[int]) -> None:
    distinct, number = codes_and_index(np.array(codes, dtype=np.int64))
    assert distinct.tolist() == sorted(set(codes))
    assert distinct[number].tolist() == codes
