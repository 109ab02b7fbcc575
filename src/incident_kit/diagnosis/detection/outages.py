"""Find outages: stretches in which expected requests never arrived."""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.detection.episode import SHORTEST_S, SUSTAINED_S, Episode
from incident_kit.diagnosis.detection.segmentation import SWITCH_COST
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.diagnosis.detection.usual_share import moving_sum
from incident_kit.measure.arrays.array_types import Bools, Floats
from incident_kit.measure.arrays.change_points import poisson_score, two_states
from incident_kit.measure.arrays.dispersion import overdispersion
from incident_kit.measure.arrays.runs import covered, join_runs, true_runs
from incident_kit.slo import Slo

LOOKAROUND_S = 1_800
"""Expected arrivals are learnt from half an hour on either side, because traffic follows the time of day."""

MAX_REMAINING = 0.1
"""A service is out if less than a tenth of its requests arrive; with more, people are using it."""

VARIES_OVER_S = 30
"""Overdispersion of arrivals is measured over half a minute: bursts and lulls of a few seconds are no
outage."""


def outages(series: Series, slo: Slo) -> list[Episode]:
    """Find the outages: traffic before, next to none within, and traffic again.

    A stretch without lines that is longer than the log before it is a gap in the log: so little traffic does
    not show how many requests to expect in it.
    """
    found: list[Run] = []
    expected = _expected(series, np.ones(len(series.requests), dtype=bool))
    # In a short log, an outage would hide itself in the dispersion, so the first round ignores the
    # dispersion.
    factor = 1.0
    for _ in range(3):
        score = poisson_score(series.requests, expected, expected * MAX_REMAINING) / factor
        found = true_runs(two_states(score, SWITCH_COST))
        expected = _expected(series, ~covered(found, len(series.requests)))
        factor = _dispersion(series, found)
    gap = max(1, SUSTAINED_S // series.bucket_s)
    due = {run: _due(series, expected, run) for run in join_runs(found, gap) if _is_long(series, run)}
    judged = [
        _measured(series, slo, run, usual, (least - series.sums(run)[1]) / factor)
        for run, (usual, least) in due.items()
        if series.sums(run)[1] <= MAX_REMAINING * least
    ]
    return [episode for episode in judged if episode.found_among(len(series.requests))]


def judge_outage(series: Series, slo: Slo, run: Run, reference: Run) -> Episode:
    """Measure a stretch chosen by something else against the arrivals of a reference."""
    start, end = reference
    expected = float(series.requests[start:end].sum()) * (run[1] - run[0]) / max(end - start, 1)
    if series.sums(run)[1] > MAX_REMAINING * expected:
        return Episode(run, 0.0, 0.0, 0.0, matters=False)
    return _measured(series, slo, run, expected, expected - series.sums(run)[1])


def _measured(series: Series, slo: Slo, run: Run, expected: float, nats: float) -> Episode:
    """Return a run as an episode: the requests that are missing, and their burn."""
    missing = expected - series.sums(run)[1]
    return Episode(run, missing, missing / max(expected, 1.0) / slo.budget, nats, matters=True)


def _is_long(series: Series, run: Run) -> bool:
    """Return whether a stretch is long enough for an outage, and no longer than the log before it."""
    length = run[1] - run[0]
    return length * series.bucket_s >= SHORTEST_S and length <= run[0] and run[1] < len(series.requests)


def _due(series: Series, expected: Floats, run: Run) -> tuple[float, float]:
    """Return the expected requests of a stretch: from half an hour around, and a lower bound.

    The lower bound is what arrived right before, or right after, if that is less. Before a shop opens nothing
    arrives, although the mean of the hour around says otherwise.
    """
    start, end = run
    reach = min(end - start, LOOKAROUND_S // series.bucket_s)
    beside = (series.requests[start - reach : start], series.requests[end : end + reach])
    usual = float(expected[start:end].sum())
    return usual, min(usual, *(float(part.mean()) * (end - start) for part in beside))


def _expected(series: Series, usual: Bools) -> Floats:
    """Return the expected arrivals in each bucket: the mean of the usual buckets around it."""
    reach = LOOKAROUND_S // series.bucket_s
    arrived = moving_sum(np.where(usual, series.requests, 0.0), reach)
    return arrived / np.maximum(moving_sum(usual.astype(np.float64), reach), 1)


def _dispersion(series: Series, found: list[Run]) -> float:
    """Return the overdispersion of arrivals over blocks of `VARIES_OVER_S`, without outages and their wake.

    Clients that could not get in come back at once. The crowd right after an outage, for the same length of
    time, says as little about the normal variation of traffic as the outage does.
    """
    size = len(series.requests)
    usual = ~covered([(start, min(end + end - start, size)) for start, end in found], size)
    expected = _expected(series, usual)
    block = max(1, VARIES_OVER_S // series.bucket_s)
    return overdispersion(np.where(usual, series.requests, 0.0), np.where(usual, expected, 0.0), block)
