"""Separate a log's usual level from the stretches above it; each is learnt with the other left out.

Example: buckets of 10 s with 200 requests each, of which 5 % may be slow.

    slow requests    2  1  2  3 | 40 55 48 | 2  1  2 ...
    state            usual      | raised   | usual

The first guess of the usual share is that of the best quarter of the log, 1 %. Each bucket is scored by how
much better a raised share explains it than the usual one. The best sequence of the two states (Viterbi, with
a cost per change) gives the run of three buckets. The usual share is learnt again without them, and so on
until neither changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incident_kit.diagnosis.detection.levels import Level, level_at
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.diagnosis.detection.usual_share import first_guess, usual_share
from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.arrays.change_points import binomial_evidence, binomial_score, two_states
from incident_kit.measure.arrays.runs import covered, true_runs
from incident_kit.slo import Slo

SWITCH_COST = 8.0
"""Nats that a change of state costs. A stretch has two changes, which chance pays once in 10^6; more tests
follow."""

EDGE_EVIDENCE = 10.0
"""Nats that a slow beginning or end must have to be part of a stretch: a chance of 1 in 20,000."""

LEVEL_STEP = 3.0
"""Factor between the raised levels that are tried; a share between two levels is found by either."""

MAX_ROUNDS = 6
"""Most rounds; level and stretches settle in two or three."""

MIN_HEALTHY_SHARE = 0.1
"""If less than this part of the requests lies outside the stretches, the stretches are the usual level."""


def segment(
    series: Series, slo: Slo, reference: Run | None = None, excluded: Sequence[Run] = ()
) -> tuple[Level, list[Run]]:
    """Find the usual level and the stretches raised above it, in turns until neither changes.

    `reference` is the run of buckets that is known to be usual, if the user gives one. In the `excluded` runs
    something else was wrong.
    """
    size, requests = len(series.bad), series.requests
    well = _healthy(series, excluded)
    guess = series.share(reference) if reference else first_guess(series.bad[well], requests[well])
    known = series.sums(reference)[1] if reference else requests.sum()
    level = level_at(np.full(size, guess), np.full(size, known), slo)
    runs = _raised(series, level)
    for _ in range(0 if reference else MAX_ROUNDS):
        healthy = _healthy(series, [*runs, *excluded])
        level = level_at(*usual_share(series.bad, requests, healthy, series.bucket_s), slo)
        before, runs = runs, _raised(series, level)
        if runs == before:
            break
    return level, runs


def _healthy(series: Series, runs: Sequence[Run]) -> Bools:
    """Return the buckets outside the runs, or all buckets if hardly any request is outside."""
    healthy = ~covered(runs, len(series.bad))
    enough = series.requests[healthy].sum() >= MIN_HEALTHY_SHARE * series.requests.sum()
    return healthy if enough else np.ones(len(series.bad), dtype=bool)


def _raised(series: Series, level: Level) -> list[Run]:
    """Return the stretches in which the most likely state is raised, with their borders."""
    score = binomial_score(series.bad, series.requests, level.usual, level.raised)
    candidates = true_runs(two_states(score, SWITCH_COST))
    return [run for candidate in candidates for run in _borders(series, level, candidate)]


def _borders(series: Series, level: Level, candidate: Run) -> list[Run]:
    """Find a candidate's borders at its actual level, and keep a slow beginning or end.

    A candidate is found at the least level that matters. With little traffic it extends far beyond the end,
    because few good requests are weak evidence against so small a rise.
    """
    start, end = candidate
    bad, requests, usual = (values[start:end] for values in (series.bad, series.requests, level.usual))
    best, likeliest = [candidate], _likelihood(series, level, [candidate])
    raised = level.raised[start:end]
    while (raised := raised * LEVEL_STEP).max() < 1:
        inner = true_runs(two_states(binomial_score(bad, requests, usual, raised), SWITCH_COST))
        runs = [(start + a, start + b) for a, b in inner]
        if (likelihood := _likelihood(series, level, runs)) > likeliest:
            best, likeliest = runs, likelihood
    if not best:
        return []
    if level.evidence(series, (start, best[0][0])) >= EDGE_EVIDENCE:
        best[0] = (start, best[0][1])
    if level.evidence(series, (best[-1][1], end)) >= EDGE_EVIDENCE:
        best[-1] = (best[-1][0], end)
    return best


def _likelihood(series: Series, level: Level, runs: list[Run]) -> float:
    """Return the log likelihood of runs with a share of their own each, less the cost of their borders."""
    return sum(
        binomial_evidence(*series.sums(run), level.over(series, run)) - 2 * SWITCH_COST for run in runs
    )
