"""Split the extra bad requests of each group into rate and mix, with intervals for shares.

The reference is the baseline. Let n be all requests in the incident. A group has the traffic share w0 and the
bad rate r0 in the baseline, and n1 requests with the bad rate r1 in the incident. Then expected = n w0 r0,
rate = n1 (r1 - r0), and mix = (n1 - n w0) r0. Rate and mix sum to the excess exactly (Kitagawa, J. Am. Stat.
Assoc. 50, 1955). The reference is zero bad requests and not the mean rate, so traffic that leaves a healthy
group explains nothing.

For example, `/a` and `/b` have 900 and 100 of 1,000 requests in the baseline, and 800 and 200 in the
incident. `/b` fails in 10 % of its requests both times; `/a` fails in 0 % and then in 1 %. The excess of 18
bad requests is 8 by rate for `/a` and 10 by mix for `/b`.

Bad requests by group are modelled as multinomial counts. Their variance is inflated by a dispersion factor,
estimated from successive differences of blocks (von Neumann, 1941). A share is a ratio of two uncertain
numbers, so it gets Fieller's interval. A block bootstrap over the few blocks of an incident gives intervals
that are too narrow. The module works on arrays only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.intervals import REPLICATES, fieller, z_value

CONTINUITY = 0.5
"""Added to a count when its variance is estimated, because observing no bad request does not prove a rate of
0.
"""

WEAK_PRIOR = 0.1
"""Parameter of the Beta prior of a group's rate. Jeffreys' 0.5 would add as many bad requests as a quiet
service has.
"""

UNBOUNDED = 1e9


@dataclass(frozen=True)
class WindowCounts:
    """Requests and bad requests of one window, each of shape (blocks of time, groups)."""

    requests: Floats
    bad: Floats

    @property
    def totals(self) -> tuple[Floats, Floats]:
        """Requests and bad requests by group, each of shape (groups,)."""
        return self.requests.sum(axis=0), self.bad.sum(axis=0)


@dataclass(frozen=True)
class Decomposition:
    """Terms by group, in requests, of any leading shape. `rate + mix == excess == bad - expected`."""

    expected: Floats
    rate: Floats
    mix: Floats

    @property
    def excess(self) -> Floats:
        """Bad requests beyond the expected ones."""
        return self.rate + self.mix


def decompose(n0: Floats, b0: Floats, n1: Floats, b1: Floats) -> Decomposition:
    """Split the excess of window 1 over window 0 by group. The groups are the last axis.

    `n0` and `n1` are requests, `b0` and `b1` bad requests. A group absent from one window is pure mix. If the
    whole baseline is empty, everything is rate.
    """
    whole0, whole1 = n0.sum(axis=-1, keepdims=True), n1.sum(axis=-1, keepdims=True)
    expected = whole1 * b0 / np.maximum(whole0, 1)
    usual = np.where(n0 > 0, n1 * b0 / np.maximum(n0, 1), np.where(whole0 > 0, b1, 0.0))
    return Decomposition(expected, b1 - usual, usual - expected)


def share_bounds(before: WindowCounts, during: WindowCounts) -> tuple[Floats, Floats]:
    """Return the 95 % interval of each group's share of the excess, two arrays of shape (groups,).

    If the whole excess cannot be distinguished from zero, the bounds are -1 and 1, or the share itself if it
    lies beyond them.
    """
    (n0, b0), (n1, b1) = before.totals, during.totals
    excess = decompose(n0, b0, n1, b1).excess
    scale = (n1.sum() / max(n0.sum(), 1)) ** 2
    factor0, factor1 = dispersion(before) * scale, dispersion(during)
    own0, with0 = _variances(n0, b0)
    own1, with1 = _variances(n1, b1)
    whole = float(excess.sum())
    low, high = fieller(
        excess,
        whole,
        part_variance=factor0 * own0 + factor1 * own1,
        whole_variance=float(factor0 * with0.sum() + factor1 * with1.sum()),
        covariance=factor0 * with0 + factor1 * with1,
        z=z_value(),
    )
    share = excess / whole if whole else np.zeros_like(excess)
    unknown = np.isinf(low)
    return np.where(unknown, np.minimum(share, -1), low), np.where(unknown, np.maximum(share, 1), high)


def mix_share_bounds(before: WindowCounts, during: WindowCounts, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the mix's share of the whole excess, from its posterior distribution.

    The mix is drawn from a Dirichlet distribution and each group's rate from a Beta distribution, with its
    counts divided by the dispersion. A block bootstrap over thirty blocks or fewer gives intervals that are
    too narrow.
    """
    generator = np.random.default_rng(seed)
    (n0, b0), (n1, b1) = (_posterior(counts, generator) for counts in (before, during))
    terms = decompose(n0, b0, n1, b1)
    whole, mix = terms.excess.sum(axis=-1), terms.mix.sum(axis=-1)
    # A draw without any excess allows every share, so it counts as unbounded.
    shares = np.where(whole > 0, mix / np.where(whole > 0, whole, 1), np.copysign(UNBOUNDED, mix))
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(low), float(high)


def _posterior(counts: WindowCounts, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw requests and bad requests by group, each of shape (replicates, groups)."""
    requests, bad = counts.totals
    shape, factor = (REPLICATES, len(requests)), dispersion(counts)
    mix = generator.gamma(requests, size=shape)
    drawn = mix * requests.sum() / np.maximum(mix.sum(axis=1, keepdims=True), 1e-12)
    rate = generator.beta(bad / factor + WEAK_PRIOR, (requests - bad) / factor + WEAK_PRIOR, size=shape)
    return drawn, drawn * rate


def dispersion(counts: WindowCounts) -> float:
    """Return the ratio of the variance of bad counts to that of independent requests; never below 1.

    The observed variance is half the sum of squared differences between neighbouring blocks' residuals (von
    Neumann 1941), so a slow drift of the level does not count as noise. The expected variance is multinomial.
    """
    requests, bad = counts.totals
    variance = _variances(requests, bad)[0].sum()
    if len(counts.bad) < 3 or not bad.sum() or not variance:
        return 1.0
    residuals = counts.bad - counts.requests.sum(axis=1, keepdims=True) * bad / max(requests.sum(), 1)
    steps = np.diff(residuals, axis=0)
    seen = (steps**2).sum() / 2 * len(residuals) / (len(residuals) - 1)
    return max(1.0, float(seen / variance))


def _variances(requests: Floats, bad: Floats) -> tuple[Floats, Floats]:
    """Return the multinomial variances of the bad counts, and their covariances with the total.

    With n requests and a group's bad share p of all requests, these are n p (1 - p) and n p (1 - sum of p),
    each of shape (groups,).
    """
    n = max(requests.sum(), 1.0)
    p = (bad + np.where(requests > 0, CONTINUITY, 0)) / (n + CONTINUITY * len(bad))
    return n * p * (1 - p), n * p * (1 - p.sum())
