"""Where a level shifted: two-state segmentation of counts; arrays only.

Each bucket of time gets a score: the log of how much likelier its count is under the raised level than under
the usual one. The most likely sequence of states, when every change of state costs `switch_cost` nats, is
found by dynamic programming; with the levels known, its borders are the maximum-likelihood change points.

Sources: Page, Biometrika 41 (1954), the cumulative sum; Viterbi, IEEE Trans. Inf. Theory 13 (1967).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from incident_kit.measure.arrays.array_types import Bools, Floats

TINY = 1e-9


def binomial_score(bad: Floats, total: Floats, usual: npt.ArrayLike, raised: npt.ArrayLike) -> Floats:
    """Return how many nats each bucket speaks for a bad share of `raised` rather than `usual`."""
    usual, raised = _proper(usual), _proper(raised)
    score: Floats = bad * np.log(raised / usual) + (total - bad) * np.log((1 - raised) / (1 - usual))
    return score


def poisson_score(count: Floats, usual: npt.ArrayLike, changed: npt.ArrayLike) -> Floats:
    """Return how many nats each bucket speaks for a mean count of `changed` rather than `usual`."""
    usual, changed = np.maximum(usual, TINY), np.maximum(changed, TINY)
    score: Floats = count * np.log(changed / usual) - (changed - usual)
    return score


def binomial_evidence(bad: float, total: float, usual: float) -> float:
    """Return the log likelihood ratio of the share seen against a known one; 0 where it is not raised."""
    if total <= 0 or bad / total <= usual:
        return 0.0
    return float(binomial_score(np.array(bad), np.array(total), usual, bad / total))


def two_sample_evidence(bad: float, total: float, usual: float, known: float) -> float:
    """Return the log likelihood ratio of two shares against one; 0 where the first is not raised.

    `usual` was seen in `known` requests: from few of them, a raised share is little evidence.
    """
    if total <= 0 or known <= 0 or bad / total <= usual:
        return 0.0
    seen, sizes = np.array([bad, usual * known]), np.array([total, known])
    return float(binomial_score(seen, sizes, seen.sum() / sizes.sum(), seen / sizes).sum())


def two_states(score: Floats, switch_cost: float) -> Bools:
    """Return which buckets are in the raised state, in the most likely sequence that begins in the usual one.

    The first bucket may be raised, at the cost of one switch.
    """
    lead, leads = -switch_cost, np.empty(len(score))
    for place, value in enumerate(score.tolist()):
        lead = max(-switch_cost, min(switch_cost, lead)) + value
        leads[place] = lead
    # A bucket that leads by less than a switch costs shares the state of the bucket after it.
    decided = np.flatnonzero(np.abs(leads) >= switch_cost)
    following = np.searchsorted(decided, np.arange(len(score)))
    states = np.append(leads[decided] > 0, lead > 0)
    return states[following]


def stretches(flags: Bools) -> list[tuple[int, int]]:
    """Return the half-open runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def joined(runs: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the runs, those with fewer than `gap` buckets between them as one."""
    result: list[tuple[int, int]] = []
    for start, end in runs:
        if result and start - result[-1][1] < gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def overdispersion(seen: Floats, expected: Floats, block: int) -> float:
    """Return how much more sums over `block` buckets vary around their expectation than Poisson ones would.

    At least 1. Blocks in which nothing is expected do not count.
    """
    blocks = len(seen) // block
    sums = [part[: blocks * block].reshape(blocks, block).sum(axis=1) for part in (seen, expected)]
    some = sums[1] > 0
    if some.sum() < 2:
        return 1.0
    return max(1.0, float(((sums[0] - sums[1])[some] ** 2).sum() / sums[1][some].sum()))


def _proper(share: npt.ArrayLike) -> Floats:
    return np.clip(np.asarray(share, dtype=np.float64), TINY, 1 - TINY)
