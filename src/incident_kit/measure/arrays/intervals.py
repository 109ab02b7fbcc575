"""Intervals for shares and ratios, and control of false discoveries. Works on arrays only.

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

Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
"""Half-width of a two-sided normal interval, in standard deviations."""

REPLICATES = 1_000
"""Number of bootstrap replicates. Each end of a 95 % interval then rests on 25 draws."""

TINY = 1e-12
"""Lower bound on the width of an interval, to avoid a division by zero."""


def wilson(bad: npt.ArrayLike, total: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the Wilson interval of the share `bad / total`; 0 and 1 if `total` is 0.

    With p = bad / total and n = total, the bounds are (p + z² / 2n ± z sqrt(p (1 - p) / n + z² / 4n²)) / (1 +
    z² / n). The arrays broadcast, and the bounds have their shape.
    """
    bad, total = np.asarray(bad, dtype=np.float64), np.asarray(total, dtype=np.float64)
    some = np.maximum(total, 1e-12)
    share, spread = bad / some, Z * Z / some
    middle = (share + spread / 2) / (1 + spread)
    half = Z * np.sqrt(np.maximum(share * (1 - share) / some + spread / (4 * some), 0)) / (1 + spread)
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
    """Return the interval of the difference `bad / total - usual_bad / usual` (Newcombe's method 10).

    It combines the Wilson intervals of both shares with `difference_interval`.
    """
    new, old = bad / np.maximum(total, 1), usual_bad / np.maximum(usual, 1)
    return difference_interval(new, wilson(bad, total), old, wilson(usual_bad, usual))


def difference_interval(
    new: Floats, of_new: tuple[Floats, Floats], old: Floats, of_old: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return the interval of `new - old` from the intervals of both, even if these are asymmetric.

    The distance to each bound is the root of the sum of two squares: how far `new` may lie off in that
    direction, and `old` in the other (the method of variance estimates recovery, Zou and Donner).
    """
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
) -> tuple[Floats, Floats]:
    """Return the interval of each ratio `part / whole` if both are uncertain.

    The bounds x are the roots of a x² - 2 b x + c = 0, with a = whole² - z² var(whole), b = part whole - z²
    cov, c = part² - z² var(part). If `whole` cannot be distinguished from zero, no bounded interval exists,
    and the bounds are minus and plus infinity.
    """
    a = whole**2 - Z**2 * whole_variance
    b = part * whole - Z**2 * covariance
    c = part**2 - Z**2 * part_variance
    if a <= 0:
        return np.full_like(part, -np.inf), np.full_like(part, np.inf)
    root = np.sqrt(np.maximum(b**2 - a * c, 0))
    return (b - root) / a, (b + root) / a


def block_weights(blocks: int, replicates: int = REPLICATES, seed: int = 0) -> Floats:
    """Return how often each block is drawn, shape (replicates, blocks).

    Multiplied by the blocks' counts, the weights give resampled totals.
    """
    generator = np.random.default_rng(seed)
    return generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=replicates).astype(np.float64)


def p_values(change: Floats, low: Floats, high: Floats) -> Floats:
    """Return the two-sided p-value of each change, given its 95 % interval; 1 if the change is unknown.

    The change divided by its standard error counts as normal. The standard error is the distance from the
    change to the bound that is nearer to zero, divided by 1.96. Intervals of small samples are asymmetric,
    and half the whole width would make a change significant whose interval includes zero.
    """
    reach = np.where(change > 0, change - low, high - change)
    z = np.nan_to_num(np.abs(change) / np.maximum(reach / Z, TINY))
    return np.array([2 * NormalDist().cdf(-float(one)) for one in z])


def benjamini_hochberg(p: npt.ArrayLike) -> Bools:
    """Return which tests are discoveries if at most FALSE_DISCOVERY_RATE of the discoveries may be false.

    Let k be the largest number for which the k-th smallest of m p-values is at most that rate times k / m.
    The tests with the k smallest p-values are the discoveries.
    """
    p = np.asarray(p, dtype=np.float64)
    order = np.argsort(p)
    passed = p[order] <= FALSE_DISCOVERY_RATE * np.arange(1, len(p) + 1) / max(len(p), 1)
    found = np.zeros(len(p), dtype=bool)
    if passed.any():
        found[order[: np.flatnonzero(passed)[-1] + 1]] = True
    return found
