"""A log's usual level and the stretches above it: each is learnt with the other left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incident_kit.diagnosis.detection.baseline import covered, first_guess, usual_share
from incident_kit.diagnosis.detection.levels import Level, level_at
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.measure.arrays.array_types import Bools
from incident_kit.measure.arrays.change_points import binomial_evidence, binomial_score, stretches, two_states
from incident_kit.slo import Slo

SWITCH_COST = 8.0
"""Nats a change of state costs; a stretch has two, which chance pays once in 10^6, and is tested further."""

EDGE_EVIDENCE = 10.0
"""Nats that a slow beginning or end must have to be part of a stretch: a chance of 1 in 20,000."""

LEVEL_STEP = 3.0
"""The raised levels that are tried are this factor apart: a share between two is found by either."""

ROUNDS = 6
"""Level and stretches settle in two or three rounds."""

LEAST_HEALTHY = 0.1
"""When less than this part of the requests lies outside the stretches, they are the usual level."""


def segment(
    series: Series, slo: Slo, reference: Run | None = None, ill: Sequence[Run] = ()
) -> tuple[Level, list[Run]]:
    """Find the usual level and the stretches raised above it, in turns until neither changes.

    `reference` is the run of buckets that is known to be usual, when the user says so; in those of `ill`
    something else was wrong.
    """
    size, requests = len(series.bad), series.requests
    well = _healthy(series, ill)
    guess = series.share(reference) if reference else first_guess(series.bad[well], requests[well])
    known = series.sums(reference)[1] if reference else requests.sum()
    level = level_at(np.full(size, guess), np.full(size, known), slo)
    runs = _raised(series, level)
    for _ in range(0 if reference else ROUNDS):
        healthy = _healthy(series, [*runs, *ill])
        level = level_at(*usual_share(series.bad, requests, healthy, series.bucket_s), slo)
        before, runs = runs, _raised(series, level)
        if runs == before:
            break
    return level, runs


def _healthy(series: Series, runs: Sequence[Run]) -> Bools:
    """Return the buckets outside of some runs, or all, where hardly any request is left outside."""
    healthy = ~covered(runs, len(series.bad))
    enough = series.requests[healthy].sum() >= LEAST_HEALTHY * series.requests.sum()
    return healthy if enough else np.ones(len(series.bad), dtype=bool)


def _raised(series: Series, level: Level) -> list[Run]:
    score = binomial_score(series.bad, series.requests, level.usual, level.raised)
    candidates = stretches(two_states(score, SWITCH_COST))
    return [run for candidate in candidates for run in _borders(series, level, candidate)]


def _borders(series: Series, level: Level, candidate: Run) -> list[Run]:
    """Find a candidate's borders with the level that it really had, and keep a slow beginning or end.

    A candidate is found with the least level that matters; where traffic is thin it runs on long after the
    end, for few good requests hardly speak against so small a raise.
    """
    start, end = candidate
    bad, requests, usual = (values[start:end] for values in (series.bad, series.requests, level.usual))
    best, likeliest = [candidate], _likelihood(series, level, [candidate])
    raised = level.raised[start:end]
    while (raised := raised * LEVEL_STEP).max() < 1:
        inner = stretches(two_states(binomial_score(bad, requests, usual, raised), SWITCH_COST))
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
    """Return the log likelihood of runs that each have their own share, less what their borders cost."""
    return sum(
        binomial_evidence(*series.sums(run), level.over(series, run)) - 2 * SWITCH_COST for run in runs
    )
