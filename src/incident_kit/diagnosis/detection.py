"""Stretches in which the share of bad requests was raised: which of them count.

A stretch that segmentation found counts when it is large enough to matter beside the promise's budget, and
too large to be how this log varies by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.levels import Level, least_raised
from incident_kit.diagnosis.segmentation import segment
from incident_kit.diagnosis.series import Run, Series
from incident_kit.measure.change_points import binomial_score, joined, two_sample_evidence
from incident_kit.slo import Slo

EVIDENCE = 20.0
"""Nats a stretch must have over its usual level, corrected for overdispersion: a day has 10^5 places where
one could begin, and a false alarm may come once in a thousand days, ln(10^8) = 18.4; and some reserve."""

RECOVERY_EVIDENCE = 3.0
"""Nats for the usual level after an incident before it is called over: 20 to 1."""

FEWEST_BAD = 6
"""Bad requests beyond the usual that an incident has: five may be one user's bad minute."""

SHORTEST_S = 10
"""A burst of a few seconds is over before anyone could act on it."""

SUSTAINED_S = 120
"""A return to the usual level lasts two minutes, or it is a pause within one incident."""


@dataclass(frozen=True)
class Episode:
    """A raised stretch: its buckets, bad requests beyond the usual ones, and how far beyond the budget.

    `burn` is the excess as a multiple of what the promise allows; `nats` the evidence that it is no chance.
    """

    run: Run
    excess: float
    burn: float
    nats: float

    @property
    def sure(self) -> bool:
        """Whether chance is ruled out."""
        return self.nats >= EVIDENCE


def episodes(series: Series, slo: Slo, reference: Run | None = None) -> list[Episode]:
    """Find the stretches in which a promise's bad share was raised, in the order of time.

    `reference` is the run of buckets that is known to be usual, when the user says so.
    """
    level, runs = segment(series, slo, reference)
    runs = joined(runs, max(1, SUSTAINED_S // series.bucket_s))
    measured = [
        _measured(series, slo, run, level.over(series, run), level.evidence(series, run)) for run in runs
    ]
    return [one for one in measured if one.sure and _matters(series, slo, one, level)]


def judge_run(series: Series, slo: Slo, run: Run, reference: Run) -> Episode:
    """Measure a stretch that someone else chose against a reference."""
    usual, known = series.share(reference, smoothed=True), series.sums(reference)[1]
    return _measured(series, slo, run, usual, two_sample_evidence(*series.sums(run), usual, known))


def recovered(series: Series, run: Run, reference: Run) -> bool:
    """Return whether what follows a stretch is the reference's level rather than the stretch's own."""
    bad, requests = series.sums((run[1], len(series.bad)))
    own, usual = series.share(run), series.share(reference, smoothed=True)
    if own <= usual:
        return True
    return float(binomial_score(np.array(bad), np.array(requests), own, usual)) >= RECOVERY_EVIDENCE


def _matters(series: Series, slo: Slo, episode: Episode, level: Level) -> bool:
    start, end = episode.run
    return (
        episode.excess >= FEWEST_BAD
        and (end - start) * series.bucket_s >= SHORTEST_S
        and series.share(episode.run) >= float(least_raised(level.over(series, episode.run), slo))
    )


def _measured(series: Series, slo: Slo, run: Run, usual: float, nats: float) -> Episode:
    bad, requests = series.sums(run)
    excess = bad - usual * requests
    return Episode(run, excess, excess / max(requests, 1.0) / slo.budget, nats)
