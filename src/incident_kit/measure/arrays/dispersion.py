"""Measure how much more counts vary than those of independent requests. Works on arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats

CONTINUITY = 0.5
"""Added to a count when its variance is estimated, because observing no bad request does not prove a rate of
0.
"""


@dataclass(frozen=True)
class WindowCounts:
    """Requests and bad requests of one window, each of shape (blocks of time, groups)."""

    requests: Floats
    bad: Floats

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Requests and bad requests by group, each of shape (groups,)."""
        return self.requests.sum(axis=0), self.bad.sum(axis=0)


def dispersion(counts: WindowCounts) -> float:
    """Return the ratio of the variance of bad counts to that of independent requests; never below 1.

    The observed variance is half the sum of squared differences between neighbouring blocks' residuals (von
    Neumann 1941), so a slow drift of the level does not count as noise. The expected variance is multinomial.
    """
    requests, bad = counts.totals
    variance = variances(requests, bad)[0].sum()
    if len(counts.bad) < 3 or not bad.sum() or not variance:
        return 1.0
    residuals = counts.bad - counts.requests.sum(axis=1, keepdims=True) * bad / max(requests.sum(), 1)
    steps = np.diff(residuals, axis=0)
    seen = (steps**2).sum() / 2 * len(residuals) / (len(residuals) - 1)
    return max(1.0, float(seen / variance))


def variances(requests: Floats, bad: Floats) -> tuple[Floats, Floats]:
    """Return the multinomial variances of the bad counts, and their covariances with the total.

    With n requests and a group's bad share p of all requests, these are n p (1 - p) and n p (1 - sum of p),
    each of shape (groups,).
    """
    n = max(requests.sum(), 1.0)
    p = (bad + np.where(requests > 0, CONTINUITY, 0)) / (n + CONTINUITY * len(bad))
    return n * p * (1 - p), n * p * (1 - p.sum())


def overdispersion(seen: Floats, expected: Floats, block: int) -> float:
    """Return the ratio of the observed variance of sums over `block` buckets to their Poisson variance.

    It is the sum of squared differences (seen - expected) of the blocks, divided by the sum of what is
    expected. It is at least 1. Blocks in which nothing is expected do not count.
    """
    blocks = len(seen) // block
    sums = [part[: blocks * block].reshape(blocks, block).sum(axis=1) for part in (seen, expected)]
    some = sums[1] > 0
    if some.sum() < 2:
        return 1.0
    return max(1.0, float(((sums[0] - sums[1])[some] ** 2).sum() / sums[1][some].sum()))
