"""Stretches in which the share of bad requests was raised: which of them count.

A stretch that segmentation found counts when it is large enough to matter beside the promise's budget, and
too large to be how this log varies by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from incident_kit.diagnosis.detection.baseline import covered
from incident_kit.diagnosis.detection.levels import Level, least_raised, with_dispersion
from incident_kit.diagnosis.detection.segmentation import segment
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.measure.arrays.change_points import binomial_score, joined, two_sample_evidence
from incident_kit.slo import Slo

ONE_LOG_IN = 1_000
"""A false alarm may come in one log of a thousand, wherever in it an incident could begin."""

RESERVE = 1.5
"""And half as much evidence again, for what comes in clusters looks less like chance than it is."""

WINDOW_EVIDENCE = 5.0
"""Nats in a window that something else chose: no search, so no reserve for one; 1 in 150."""

BESIDE_EVIDENCE = 3.0
"""Nats for the usual level beside an incident before it is called over, or begun there: 20 to 1."""

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

    def found_among(self, buckets: int) -> bool:
        """Whether it matters, and is no chance for a stretch searched for in so many buckets."""
        return self.matters and self.nats >= RESERVE * log(ONE_LOG_IN * buckets)

    @property
    def likely(self) -> bool:
        """Whether it matters, and chance is unlikely for a stretch that was given."""
        return self.matters and self.nats >= WINDOW_EVIDENCE


def episodes(
    series: Series, slo: Slo, reference: Run | None = None, ill: Sequence[Run] = ()
) -> list[Episode]:
    """Find the stretches in which a promise's bad share was raised, in the order of time.

    `reference` is the run of buckets that is known to be usual, when the user says so. What is usual is not
    learnt from those of `ill`, in which another promise was broken.
    """
    level, runs = segment(series, slo, reference, ill)
    shortest, sustained = (max(1, seconds // series.bucket_s) for seconds in (SHORTEST_S, SUSTAINED_S))
    # Bursts are dropped before pauses are bridged, or a burst a minute later would put off the end.
    lasting = [run for run in joined(runs, shortest) if run[1] - run[0] >= shortest]
    return _standing_out(series, slo, level, [_seen(series, run) for run in joined(lasting, sustained)], ill)


def _seen(series: Series, run: Run) -> Run:
    """Return a stretch without an end, or a beginning, in which nothing came: that may be an outage."""
    some = np.flatnonzero(series.requests[run[0] : run[1]])
    return (run[0] + int(some[0]), run[0] + int(some[-1]) + 1) if len(some) else run


def _standing_out(
    series: Series, slo: Slo, level: Level, runs: list[Run], ill: Sequence[Run]
) -> list[Episode]:
    """Return the stretches that are beyond how the log varies; those that are not are part of how it does."""
    level = with_dispersion(level, series, ~covered([*runs, *ill], len(series.bad)))
    measured = [
        _measured(series, slo, run, level.over(series, run), _lasting_evidence(series, level, run))
        for run in runs
    ]
    found = [episode for episode in measured if episode.found_among(len(series.bad))]
    if len(found) == len(runs):
        return found
    return _standing_out(series, slo, level, [episode.run for episode in found], ill)


def judge_run(series: Series, slo: Slo, run: Run, reference: Run) -> Episode:
    """Measure a stretch that something else chose against a reference."""
    usual, known = series.share(reference, smoothed=True), series.sums(reference)[1]
    return _measured(series, slo, run, usual, two_sample_evidence(*series.sums(run), usual, known))


def is_usual(series: Series, beside: Run, run: Run, reference: Run) -> bool:
    """Return whether what lies beside a stretch is the reference's level rather than the stretch's own."""
    bad, requests = series.sums(beside)
    own, usual = series.share(run), series.share(reference, smoothed=True)
    if own <= usual:
        return True
    return float(binomial_score(np.array(bad), np.array(requests), own, usual)) >= BESIDE_EVIDENCE


def _lasting_evidence(series: Series, level: Level, run: Run) -> float:
    """Return the evidence that is left without a stretch's worst moment: one burst is one event."""
    start, end = run
    block = max(1, SHORTEST_S // series.bucket_s)
    moments = np.add.reduceat(series.bad[start:end], np.arange(0, end - start, block))
    worst = start + int(moments.argmax()) * block
    return level.evidence(series, run, left_out=(worst, min(worst + block, end)))


def _measured(series: Series, slo: Slo, run: Run, usual: float, nats: float) -> Episode:
    bad, requests = series.sums(run)
    excess = bad - usual * requests
    matters = excess >= FEWEST_BAD and series.share(run) >= float(least_raised(usual, slo))
    return Episode(run, excess, excess / max(requests, 1.0) / slo.budget, nats, matters)
