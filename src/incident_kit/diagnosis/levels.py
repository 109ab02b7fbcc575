"""The usual level of a promise, the least above it that would matter, and how counts vary by themselves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from incident_kit.diagnosis.baseline import covered, first_guess, usual_share
from incident_kit.diagnosis.series import Run, Series
from incident_kit.measure.change_points import binomial_score, overdispersion, stretches, two_states
from incident_kit.slo import Slo

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SWITCH_COST = 8.0
"""Nats a change of state costs: chance pays it once in some 3,000 buckets, and is then tested further."""

FOLD = 2.0
"""An incident at least doubles the usual share: within a factor of two, levels wander with load and cache."""

EXCESS_OF_BUDGET = {"latency": 0.4, "errors": 2.0, "availability": 2.0}
"""And it adds that much of the promise's budget: 2 % more slow requests where 5 % are allowed; twice the
budget of errors, for 0.1 % is within what errors do by themselves."""

LEAST_USUAL = 0.1
"""The usual share is taken to be at least this part of that excess, however few bad requests were seen."""

ROUNDS = 6
"""Level and candidates settle in two or three rounds."""

LEAST_HEALTHY = 0.1
"""With less than this part of the requests outside candidates, there is no level left to learn."""

FEWEST_BLOCKS = 8
"""Blocks of one length that must fit into the log before their variation is believed."""


@dataclass(frozen=True)
class Level:
    """The usual share at each bucket, the least that would matter, and the overdispersion by block length."""

    usual: Floats
    raised: Floats
    dispersion: tuple[tuple[int, float], ...] = ()

    def factor(self, buckets: int) -> float:
        """Return the greatest overdispersion of blocks that are no longer than a stretch."""
        return max((factor for block, factor in self.dispersion if block <= max(buckets, 1)), default=1.0)

    def over(self, series: Series, run: Run) -> float:
        """Return the usual share of a stretch, weighted by its requests."""
        usual, requests = self.usual[run[0] : run[1]], series.requests[run[0] : run[1]]
        return float(np.average(usual, weights=requests)) if requests.sum() else 0.0


def least_raised(usual: npt.ArrayLike, slo: Slo) -> Floats:
    """Return the least share of bad requests that would be an incident over the usual one."""
    usual = np.asarray(usual, dtype=np.float64)
    least = np.maximum(usual * FOLD, usual + EXCESS_OF_BUDGET[slo.indicator] * slo.budget)
    # Where nearly every request is bad, doubling is not possible.
    possible: Floats = np.minimum(least, (1 + usual) / 2)
    return possible


def settle(series: Series, slo: Slo, reference: Run | None = None) -> tuple[Level, list[Run]]:
    """Find the usual level, and the candidates raised above it, in turns until neither changes.

    `reference` is the run of buckets that is known to be usual, when the user says so.
    """
    bad, requests = series.bad, series.requests
    usual = np.full(len(bad), series.share(reference) if reference else first_guess(bad, requests))
    level, candidates = _candidates(series, slo, usual)
    for _ in range(0 if reference else ROUNDS):
        healthy = ~covered(candidates, len(bad))
        if requests[healthy].sum() < LEAST_HEALTHY * requests.sum():
            break
        before = candidates
        level, candidates = _candidates(series, slo, usual_share(bad, requests, healthy, series.bucket_s))
        if candidates == before:
            break
    varies = _dispersion(series, level.usual, ~covered(candidates, len(bad)))
    return Level(level.usual, level.raised, varies), candidates


def _candidates(series: Series, slo: Slo, usual: Floats) -> tuple[Level, list[Run]]:
    usual = np.maximum(usual, LEAST_USUAL * EXCESS_OF_BUDGET[slo.indicator] * slo.budget)
    raised = least_raised(usual, slo)
    score = binomial_score(series.bad, series.requests, usual, raised)
    return Level(usual, raised), stretches(two_states(score, SWITCH_COST))


def _dispersion(series: Series, usual: Floats, healthy: Flags) -> tuple[tuple[int, float], ...]:
    """Return the overdispersion of healthy counts, by lengths of block that double."""
    seen = np.where(healthy, series.bad, 0.0)
    expected = np.where(healthy, series.requests * usual, 0.0)
    longest = max(len(seen) // FEWEST_BLOCKS, 1)
    blocks = [2**power for power in range(longest.bit_length())]
    return tuple((block, overdispersion(seen, expected, block)) for block in blocks)
