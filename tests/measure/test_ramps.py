"""A rise is a slope only where a slope explains it better than the best step."""

from __future__ import annotations

import numpy as np
import pytest

from incident_kit.measure.arrays.ramps import fitted_ramp


def level(foot: int, top: int, size: int = 60, noise: float = 0.02, seed: int = 0) -> np.ndarray:
    """Return a level of 0 that rises to 1 between two edges, with noise."""
    middle = np.arange(size) + 0.5
    rise = np.clip((middle - foot) / max(top - foot, 1e-9), 0, 1)
    return rise + np.random.default_rng(seed).normal(0, noise, size)


@pytest.mark.parametrize(("foot", "top"), [(10, 50), (20, 40), (30, 60), (0, 30)])
def test_foot_and_top_of_a_slope_are_found(foot: int, top: int) -> None:
    ramp = fitted_ramp(level(foot, top), np.ones(60))
    assert ramp is not None
    assert (ramp.foot, ramp.top) == pytest.approx((foot, top), abs=2)
    assert ramp.evidence > 20


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_no_slope(seed: int) -> None:
    ramp = fitted_ramp(level(30, 30, noise=0.2, seed=seed), np.ones(60))
    assert ramp is not None
    assert ramp.evidence < 10


def test_buckets_count_by_their_requests() -> None:
    odd = level(20, 40)
    odd[5] = 9.0
    weight = np.ones(60)
    weight[5] = 1e-6
    ramp = fitted_ramp(odd, weight)
    assert ramp is not None
    assert (ramp.foot, ramp.top) == pytest.approx((20, 40), abs=2)


def test_what_falls_does_not_rise() -> None:
    assert fitted_ramp(-level(20, 40, noise=0), np.ones(60)) is None
