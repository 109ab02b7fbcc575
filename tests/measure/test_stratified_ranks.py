"""Ranks of one group above the others, stratum by stratum."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import mannwhitneyu, norm

from incident_kit.measure.arrays.stratified_ranks import rank_excess


def rows(own: list[float], others: list[float], stratum: str = "a") -> pl.DataFrame:
    mine = [True] * len(own) + [False] * len(others)
    return pl.DataFrame({"value": own + others, "own": mine, "stratum": stratum})


def test_in_one_stratum_it_is_the_rank_sum_test() -> None:
    draw = np.random.default_rng(1)
    own, others = draw.normal(0.5, 1, 40).round(1).tolist(), draw.normal(0, 1, 70).round(1).tolist()
    expected = mannwhitneyu(own, others, method="asymptotic", use_continuity=False, alternative="greater")
    z = rank_excess(rows(own, others), "value", "own", ["stratum"])
    assert norm.sf(z) == pytest.approx(expected.pvalue, rel=1e-6)


def test_a_stratum_that_is_higher_altogether_says_nothing() -> None:
    high = rows([10.0, 11.0, 12.0] * 20, [10.0, 11.0, 12.0] * 2, "high")
    low = rows([1.0, 2.0, 3.0] * 2, [1.0, 2.0, 3.0] * 20, "low")
    assert rank_excess(pl.concat([high, low]), "value", "own", ["stratum"]) == pytest.approx(0)


@pytest.mark.parametrize("others", [[], [1.0, 1.0]], ids=["nothing to compare with", "all alike"])
def test_what_cannot_be_compared_is_no_excess(others: list[float]) -> None:
    assert rank_excess(rows([1.0, 1.0], others), "value", "own", ["stratum"]) == 0
