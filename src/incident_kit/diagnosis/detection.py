"""Stretches in which the share of bad requests was raised: which of them count.

A stretch that segmentation found counts when it is large enough to matter beside the promise's budget, and
too large to be how this log varies by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incident_kit.diagnosis.levels import least_raised
from incident_kit.diagnosis.segmentation import segment
from incident_kit.diagnosis.series import Run, Series
from incident_kit.measure.change_points import binomial_score, joined, two_sample_evidence
from incident_kit.slo import Slo

EVIDENCE = 25.0
"""Nats a stretch must have over its usual level, corrected for overdispersion: a day has 10^5 places where
one could begin, and a false alarm may come once in a thousand days, ln(10^8) = 18.4; and a reserve, for what
comes in clusters looks like less chance than it is."""

WINDOW_EVIDENCE = 5.0
"""Nats in a window that something else chose: no search, so no reserve for one; 1 in 150."""

RECOVERY_EVIDENCE = 3.0
"""Nats for the usual level after an incident before it is called over: 20 to 1."""

FEWEST_BAD = 10
"""Bad requests beyond the usual that an incident has: errors come in clusters, of one user or one restart."""

SHORTEST_S = 10
"""A burst of a few seconds is over before anyone could act on it."""

SUSTAINED_S = 120
"""A return to the usual level lasts two minutes, or it is a pause within one incident."""


@dataclass(frozen=True)
class Episode:
    """A stretch of buckets: bad requests beyond the usual ones, and how far beyond the budget.

    `burn` is the excess as a multiple of what the promise allows; `nats` the evidence that it is no chance;
    `matters` says that it is large enough to be an incident.
    """

    run: Run
    excess: float
    burn: float
    nats: float
    matters: bool

    @property
    def found(self) -> bool:
        """Whether it matters, and chance is ruled out for a stretch that was searched for."""
        return self.matters and self.nats >= EVIDENCE

    @property
    def likely(self) -> bool:
        """Whether it matters, and chance is unlikely for a stretch that was given."""
        return self.matters and self.nats >= WINDOW_EVIDENCE


def episodes(series: Series, slo: Slo, reference: Run | None = None) -> list[Episode]:
    """Find the stretches in which a promise's bad share was raised, in the order of time.

    `reference` is the run of buckets that is known to be usual, when the user says so.
    """
    level, runs = segment(series, slo, reference)
    shortest, sustained = (max(1, seconds // series.bucket_s) for seconds in (SHORTEST_S, SUSTAINED_S))
    # Bursts are dropped before pauses are bridged, or a burst a minute later would put off the end.
    lasting = [run for run in joined(runs, shortest) if run[1] - run[0] >= shortest]
    found = [
        _measured(series, slo, run, level.over(series, run), level.evidence(series, run))
        for run in joined(lasting, sustained)
    ]
    return [episode for episode in found if episode.found]


def judge_run(series: Series, slo: Slo, run: Run, reference: Run) -> Episode:
    """Measure a stretch that something else chose against a reference."""
    usual, known = series.share(reference, smoothed=True), series.sums(reference)[1]
    return _measured(series, slo, run, usual, two_sample_evidence(*series.sums(run), usual, known))


def recovered(series: Series, run: Run, reference: Run) -> bool:
    """Return whether what follows a stretch is the reference's level rather than the stretch's own."""
    bad, requests = series.sums((run[1], len(series.bad)))
    own, usual = series.share(run), series.share(reference, smoothed=True)
    if own <= usual:
        return True
    return float(binomial_score(np.array(bad), np.array(requests), own, usual)) >= RECOVERY_EVIDENCE


def _measured(series: Series, slo: Slo, run: Run, usual: float, nats: float) -> Episode:
    bad, requests = series.sums(run)
    excess = bad - usual * requests
    matters = excess >= FEWEST_BAD and series.share(run) >= float(least_raised(usual, slo))
    return Episode(run, excess, excess / max(requests, 1.0) / slo.budget, nats, matters)
