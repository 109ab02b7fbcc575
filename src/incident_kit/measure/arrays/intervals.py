"""Intervals for shares and ratios, and false-discovery control; arrays only.

Sources: Wilson, J. Am. Stat. Assoc. 22 (1927); Newcombe, Stat. Med. 17 (1998), and Zou and Donner, Stat. Med.
27 (2008), for differences; Fieller, J. R. Stat. Soc. B 16 (1954); Künsch, Ann. Stat. 17 (1989) for the block
bootstrap; Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from incident_kit.measure.arrays.array_types import Bools, Floats

CONFIDENCE = 0.95
FALSE_DISCOVERY_RATE = 0.05
REPLICATES = 1_000
"""Bootstrap replicates: the ends of a 95 % interval then rest on 25 draws each."""

TINY = 1e-12
"""Keeps a change whose interval has no width from being divided by nothing."""


def z_value(confidence: float = CONFIDENCE) -> float:
    """Return how many standard deviations a two-sided normal interval reaches."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(bad: npt.ArrayLike, total: npt.ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """Return the Wilson interval of `bad` of `total`; 0 and 1 where there is nothing to tell from."""
    bad, total = np.asarray(bad, dtype=np.float64), np.asarray(total, dtype=np.float64)
    z = z_value(confidence)
    some = np.maximum(total, 1e-12)
    share, spread = bad / some, z * z / some
    middle = (share + spread / 2) / (1 + spread)
    half = z * np.sqrt(np.maximum(share * (1 - share) / some + spread / (4 * some), 0)) / (1 + spread)
    low = np.where((total > 0) & (bad > 0), np.maximum(middle - half, 0), 0.0)
    high = np.where((total > 0) & (bad < total), np.minimum(middle + half, 1), 1.0)
    return low, high


def share_interval(bad: float, total: float) -> tuple[float, float]:
    """Return the Wilson interval of one share."""
    low, high = wilson(bad, total)
    return float(low), float(high)


def newcombe(
    bad: Floats, total: npt.ArrayLike, usual_bad: Floats, usual: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return the interval of the difference of two shares (method 10), `bad` of `total` less the usual."""
    new, old = bad / np.maximum(total, 1), usual_bad / np.maximum(usual, 1)
    return mover(new, wilson(bad, total), old, wilson(usual_bad, usual))


def mover(
    new: Floats, of_new: tuple[Floats, Floats], old: Floats, of_old: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return the interval of `new - old` from the intervals of both, however lopsided those are."""
    (new_low, new_high), (old_low, old_high) = of_new, of_old
    change = new - old
    return change - np.hypot(new - new_low, old_high - old), change + np.hypot(new_high - new, old - old_low)


def fieller(
    part: Floats,
    whole: float,
    *,
    part_variance: Floats,
    whole_variance: float,
    covariance: Floats,
    z: float,
) -> tuple[Floats, Floats]:
    """Return the interval of each `part / whole` where both are uncertain.

    Where `whole` cannot be told from zero no bounded interval exists: minus and plus infinity.
    """
    a = whole**2 - z**2 * whole_variance
    b = part * whole - z**2 * covariance
    c = part**2 - z**2 * part_variance
    if a <= 0:
        return np.full_like(part, -np.inf), np.full_like(part, np.inf)
    root = np.sqrt(np.maximum(b**2 - a * c, 0))
    return (b - root) / a, (b + root) / a


def block_weights(blocks: int, replicates: int = REPLICATES, seed: int = 0) -> Floats:
    """Return how often each block is drawn, shape (replicates, blocks): times it, totals are resampled."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=replicates).astype(np.float64)


def chances(change: Floats, low: Floats, high: Floats) -> Floats:
    """Return how likely each change would be by chance, given its 95 % interval; 1 where it is unknown.

    What counts is how far the interval reaches towards no change: those of small samples are lopsided, and
    half their width would call certain what they do not exclude.
    """
    reach = np.where(change > 0, change - low, high - change)
    z = np.nan_to_num(np.abs(change) / np.maximum(reach / z_value(), TINY))
    return np.array([2 * NormalDist().cdf(-float(one)) for one in z])


def benjamini_hochberg(p: npt.ArrayLike, rate: float = FALSE_DISCOVERY_RATE) -> Bools:
    """Return which of the tests are discoveries when at most `rate` of the discoveries may be false."""
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p)
    passed = p[order] <= rate * np.arange(1, len(p) + 1) / max(len(p), 1)
    found = np.zeros(len(p), dtype=bool)
    if passed.any():
        found[order[: np.flatnonzero(passed)[-1] + 1]] = True
    return found
