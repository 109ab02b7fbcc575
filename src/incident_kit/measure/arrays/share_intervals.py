"""Intervals for shares of the excess: of each group, and of the mix. Works on arrays only.

Bad requests by group are modelled as multinomial counts. Their variance is inflated by a dispersion factor,
estimated from successive differences of blocks (von Neumann, 1941). A share is a ratio of two uncertain
numbers, so it gets Fieller's interval. A block bootstrap over the few blocks of an incident gives intervals
that are too narrow.
"""

from __future__ import annotations

import numpy as np

from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.decomposition import decompose
from incident_kit.measure.arrays.dispersion import WindowCounts, dispersion, variances
from incident_kit.measure.arrays.intervals import REPLICATES, fieller

WEAK_PRIOR = 0.1
"""Parameter of the Beta prior of a group's rate. Jeffreys' 0.5 would add as many bad requests as a quiet
service has.
"""

UNBOUNDED = 1e9
"""Share of a draw that has no excess, and so allows every share."""

SEED = 0


def share_bounds(before: WindowCounts, during: WindowCounts) -> tuple[Floats, Floats]:
    """Return the 95 % interval of each group's share of the excess, two arrays of shape (groups,).

    If the whole excess cannot be distinguished from zero, the bounds are -1 and 1, or the share itself if it
    lies beyond them.
    """
    (n0, b0), (n1, b1) = before.totals, during.totals
    excess = decompose(n0, b0, n1, b1).excess
    scale = (n1.sum() / max(n0.sum(), 1)) ** 2
    factor0, factor1 = dispersion(before) * scale, dispersion(during)
    own0, with0 = variances(n0, b0)
    own1, with1 = variances(n1, b1)
    whole = float(excess.sum())
    low, high = fieller(
        excess,
        whole,
        part_variance=factor0 * own0 + factor1 * own1,
        whole_variance=float(factor0 * with0.sum() + factor1 * with1.sum()),
        covariance=factor0 * with0 + factor1 * with1,
    )
    share = excess / whole if whole else np.zeros_like(excess)
    unknown = np.isinf(low)
    return np.where(unknown, np.minimum(share, -1), low), np.where(unknown, np.maximum(share, 1), high)


def mix_share_bounds(before: WindowCounts, during: WindowCounts) -> tuple[float, float]:
    """Return the 95 % interval of the mix's share of the whole excess, from its posterior distribution.

    The mix is drawn from a Dirichlet distribution and each group's rate from a Beta distribution, with its
    counts divided by the dispersion. A block bootstrap over thirty blocks or fewer gives intervals that are
    too narrow.
    """
    generator = np.random.default_rng(SEED)
    (n0, b0), (n1, b1) = (_posterior(counts, generator) for counts in (before, during))
    terms = decompose(n0, b0, n1, b1)
    whole, mix = terms.excess.sum(axis=-1), terms.mix.sum(axis=-1)
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
