"""Find where a level shifted, by two-state segmentation of counts. Works on arrays only.

Each time bucket gets a score: the log of the ratio of its count's likelihood at the raised level to that at
the usual level. Dynamic programming finds the most likely sequence of states if every change of state costs
`switch_cost` nats. With known levels, the borders of that sequence are the maximum-likelihood change points.
For example, the scores -1, -1, 5, 6, -1, 4, -5 with a switch cost of 3 give one raised run, buckets 2 to 5
counted from 0. Leaving the raised state for bucket 4 alone would cost two switches and gain 1.

Sources: Page, Biometrika 41 (1954), the cumulative sum; Viterbi, IEEE Trans. Inf. Theory 13 (1967).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from incident_kit.measure.arrays.array_types import Bools, Floats

TINY = 1e-9


def binomial_score(bad: Floats, total: Floats, usual: npt.ArrayLike, raised: npt.ArrayLike) -> Floats:
    """Return each bucket's evidence, in nats, for a bad share of `raised` rather than `usual`.

    The log likelihood ratio is bad ln(raised / usual) + (total - bad) ln((1 - raised) / (1 - usual)). The
    result has the shape of `bad`.
    """
    usual, raised = _proper(usual), _proper(raised)
    score: Floats = bad * np.log(raised / usual) + (total - bad) * np.log((1 - raised) / (1 - usual))
    return score


def poisson_score(count: Floats, usual: npt.ArrayLike, changed: npt.ArrayLike) -> Floats:
    """Return each bucket's evidence, in nats, for a mean count of `changed` rather than `usual`.

    The log likelihood ratio is count ln(changed / usual) - (changed - usual). The result has the shape of
    `count`.
    """
    usual, changed = np.maximum(usual, TINY), np.maximum(changed, TINY)
    score: Floats = count * np.log(changed / usual) - (changed - usual)
    return score


def binomial_evidence(bad: float, total: float, usual: float) -> float:
    """Return the log likelihood ratio of the observed share against a known one; 0 if it is not higher.

    It is `binomial_score` with the observed share, the maximum-likelihood estimate, as `raised`.
    """
    if total <= 0 or bad / total <= usual:
        return 0.0
    return float(binomial_score(np.array(bad), np.array(total), usual, bad / total))


def two_sample_evidence(bad: float, total: float, usual: float, known: float) -> float:
    """Return the log likelihood ratio of two separate shares against a common one.

    The result is half of Wilks' statistic, in nats; 0 if the first share is not higher. `usual` was observed
    in `known` requests. If they are few, a raised share is little evidence.
    """
    if total <= 0 or known <= 0 or bad / total <= usual:
        return 0.0
    seen, sizes = np.array([bad, usual * known]), np.array([total, known])
    return float(binomial_score(seen, sizes, seen.sum() / sizes.sum(), seen / sizes).sum())


def two_states(score: Floats, switch_cost: float) -> Bools:
    """Return which buckets are in the raised state, in the most likely sequence of states (Viterbi 1967).

    `score` and the result have the shape (buckets,). The sequence begins in the usual state. The first bucket
    may be raised, at the cost of one switch.
    """
    lead, leads = -switch_cost, np.empty(len(score))
    for place, value in enumerate(score.tolist()):
        lead = max(-switch_cost, min(switch_cost, lead)) + value
        leads[place] = lead
    # If neither state leads by the cost of a switch, the best sequence does not switch after this bucket, so
    # the bucket has the state of the next one.
    decided = np.flatnonzero(np.abs(leads) >= switch_cost)
    following = np.searchsorted(decided, np.arange(len(score)))
    states = np.append(leads[decided] > 0, lead > 0)
    return states[following]


def _proper(share: npt.ArrayLike) -> Floats:
    return np.clip(np.asarray(share, dtype=np.float64), TINY, 1 - TINY)
