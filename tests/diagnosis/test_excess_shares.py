"""The partition of the excess: exact, additive, blind to the workload's mix."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.diagnosis.culprits.shares import AT_ONCE, OwnedAmounts, excess_shares
from tests.laws import examples

TRACES = 60
BASELINE, INCIDENT = np.arange(30), np.arange(30, TRACES)


def parts(amount: np.ndarray, operation: np.ndarray | None = None) -> OwnedAmounts:
    """Parts of every trace by owner: `amount` has shape (traces, owners)."""
    traces, owners = amount.shape
    return OwnedAmounts(
        trace=np.repeat(np.arange(traces), owners),
        owner=np.tile(np.arange(owners), traces),
        amount=amount.ravel(),
        operation=np.zeros(traces, dtype=np.int64) if operation is None else operation,
        owners=owners,
    )


@given(seed=st.integers(0, 2**16), owners=st.integers(1, 6))
@examples(25)
def test_shares_sum_to_one_and_lie_within_their_intervals(seed: int, owners: int) -> None:
    draw = np.random.default_rng(seed)
    amount = draw.exponential(10, (TRACES, owners))
    amount[INCIDENT] += 10 + draw.exponential(20, owners)
    found = excess_shares(parts(amount), INCIDENT, BASELINE)
    assert found.share.sum() == pytest.approx(1)
    assert (found.low <= found.share).all()
    assert (found.share <= found.high).all()


def test_the_excess_is_whose_time_grew() -> None:
    amount = np.full((TRACES, 3), 10.0)
    amount[INCIDENT] += [0.0, 30.0, 10.0]
    found = excess_shares(parts(amount), INCIDENT, BASELINE)
    assert found.share.tolist() == pytest.approx([0, 0.75, 0.25])
    assert found.excess == pytest.approx(40)


@pytest.mark.parametrize("owners", [1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE])
def test_many_owners_resampled_in_parts_have_the_intervals_of_few(owners: int) -> None:
    amount = np.zeros((TRACES, owners))
    amount[:, [0, -1]] = np.random.default_rng(1).exponential(10, (TRACES, 1))
    amount[INCIDENT] *= 3
    found = excess_shares(parts(amount), INCIDENT, BASELINE)
    assert found.share.sum() == pytest.approx(1)
    assert found.low[0] == pytest.approx(found.low[-1])
    assert found.high[0] == pytest.approx(found.high[-1])


def test_more_traffic_to_a_slow_operation_is_no_excess() -> None:
    operation = np.array([0] * 20 + [1] * 5 + [2] * 5 + [0] * 5 + [1] * 20 + [2] * 5)
    amount = np.array([10.0, 500.0, 100.0])[operation][:, None]
    found = excess_shares(parts(amount, operation), INCIDENT, BASELINE)
    assert found.excess == pytest.approx(0)
    assert (found.share == 0).all()


def test_an_operation_that_the_baseline_lacks_counts_on_neither_side() -> None:
    operation = np.array([0] * 45 + [1] * 15)
    amount = np.where(operation[:, None] == 1, 500.0, 10.0)
    amount[30:45] += 20.0
    found = excess_shares(parts(amount, operation), INCIDENT, BASELINE)
    assert found.share.tolist() == pytest.approx([1])
    assert found.excess == pytest.approx(20 * 15 / 30)


@pytest.mark.parametrize(("incident", "baseline"), [(INCIDENT[:0], BASELINE), (INCIDENT, BASELINE[:0])])
def test_a_window_without_traces_has_no_excess(incident: np.ndarray, baseline: np.ndarray) -> None:
    found = excess_shares(parts(np.full((TRACES, 2), 10.0)), incident, baseline)
    assert found.excess == 0
    assert found.share.tolist() == [0, 0]
