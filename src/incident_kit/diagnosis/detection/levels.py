"""The usual level of an SLO, the least higher level that matters, and how counts vary by chance.

Example for a latency target that allows 5 % slow requests: if 1 % is usual, 5 % matters. It is the larger of
2 * 1 % and 1 % + 0.8 * 5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.change_points import two_sample_evidence
from incident_kit.measure.arrays.dispersion import overdispersion
from incident_kit.slo import Slo

FOLD = 2.0
"""An incident at least doubles the usual share; within a factor of two, levels move with load and cache."""

EXCESS_OF_BUDGET = {"latency": 0.8, "errors": 2.0, "availability": 2.0}
"""An incident adds at least this multiple of the SLO's budget: 4 % more slow requests where 5 % are
allowed; twice the budget of errors, because 0.1 % is within how errors vary."""

WINDOW_EVIDENCE = 5.0
"""Nats needed in a window that was not found by a search: 1 in 150, and no reserve for the search."""

MIN_USUAL_PART = 0.1
"""The usual share is taken to be at least this part of that excess, however few bad requests were seen."""

MIN_BLOCKS = 8
"""Number of blocks of one length that must fit into the log before their variation is trusted."""


@dataclass(frozen=True)
class Level:
    """What a log is like when nothing is wrong.

    At each bucket: the `usual` share, the number of requests it was learnt from (`known`), and the least
    share that matters (`raised`). `dispersion` is the overdispersion by length of block.
    """

    usual: Floats
    known: Floats
    raised: Floats
    dispersion: tuple[tuple[int, float], ...] = ()

    def factor(self, buckets: int) -> float:
        """Return the greatest overdispersion among blocks that are no longer than the stretch."""
        return max((factor for block, factor in self.dispersion if block <= max(buckets, 1)), default=1.0)

    def over(self, series: Series, run: Run) -> float:
        """Return the usual share of a stretch, weighted by its requests."""
        usual, requests = self.usual[run[0] : run[1]], series.requests[run[0] : run[1]]
        return float(np.average(usual, weights=requests)) if requests.sum() else 0.0

    def evidence(self, series: Series, run: Run, left_out: Run = (0, 0)) -> float:
        """Return the nats for a raised share in a stretch, corrected for overdispersion at its length."""
        if run[0] >= run[1]:
            return 0.0
        known = float(self.known[run[0] : run[1]].mean())
        bad, requests = (
            all_of - part for all_of, part in zip(series.sums(run), series.sums(left_out), strict=True)
        )
        return two_sample_evidence(bad, requests, self.over(series, run), known) / self.factor(
            run[1] - run[0]
        )


def level_at(usual: Floats, known: Floats, slo: Slo) -> Level:
    """Return the level for a usual share at each bucket, with its variation not measured yet."""
    usual = np.maximum(usual, MIN_USUAL_PART * EXCESS_OF_BUDGET[slo.indicator] * slo.budget)
    return Level(usual, known, least_raised(usual, slo))


def least_raised(usual: npt.ArrayLike, slo: Slo) -> Floats:
    """Return the least share of bad requests that is an incident, given the usual one."""
    usual = np.asarray(usual, dtype=np.float64)
    least = np.maximum(usual * FOLD, usual + EXCESS_OF_BUDGET[slo.indicator] * slo.budget)
    # Where nearly every request is bad, doubling is not possible.
    possible: Floats = np.minimum(least, (1 + usual) / 2)
    return possible


def with_dispersion(level: Level, series: Series, healthy: Bools) -> Level:
    """Return the level with the overdispersion of healthy counts, by lengths of block that double."""
    seen = np.where(healthy, series.bad, 0.0)
    expected = np.where(healthy, series.requests * level.usual, 0.0)
    longest = max(len(seen) // MIN_BLOCKS, 1)
    blocks = [2**power for power in range(longest.bit_length())]
    return replace(level, dispersion=tuple((one, overdispersion(seen, expected, one)) for one in blocks))
