"""Decide which stretches with a raised share of bad requests count as episodes.

A stretch that segmentation found counts if it is large enough to matter beside the SLO's budget, and too
large for how this log varies by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incident_kit.diagnosis.detection.daily import comes_daily
from incident_kit.diagnosis.detection.episode import MIN_BAD, SHORTEST_S, SUSTAINED_S, Episode
from incident_kit.diagnosis.detection.levels import Level, least_raised, with_dispersion
from incident_kit.diagnosis.detection.segmentation import segment
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.measure.arrays.change_points import binomial_score, two_sample_evidence
from incident_kit.measure.arrays.runs import covered, join_runs
from incident_kit.slo import Slo

BESIDE_EVIDENCE = 3.0
"""Nats for the usual level beside an incident before it is called over, or begun there: 20 to 1."""


def episodes(
    series: Series, slo: Slo, reference: Run | None = None, excluded: Sequence[Run] = ()
) -> list[Episode]:
    """Find the stretches in which an SLO's share of bad requests was raised, in the order of time.

    `reference` is the run of buckets that is known to be usual, if the user gives one. The usual share is not
    learnt from the `excluded` runs, in which another SLO was broken. What comes daily is usual.
    """
    level, runs = segment(series, slo, reference, excluded)
    shortest, sustained = (max(1, seconds // series.bucket_s) for seconds in (SHORTEST_S, SUSTAINED_S))
    # Bursts are dropped before pauses are bridged; otherwise a burst a minute later would postpone the end.
    lasting = [run for run in join_runs(runs, shortest) if run[1] - run[0] >= shortest]
    raised = [_seen(series, run) for run in join_runs(lasting, sustained)]
    daily = [run for run in raised if comes_daily(series, slo, run)]
    others = [run for run in raised if run not in daily]
    return _standing_out(series, slo, level, _joined(series, level, others), [*excluded, *daily])


def _joined(series: Series, level: Level, runs: Sequence[Run]) -> list[Run]:
    """Join the stretches between which a return to the usual level is not seen: they are one incident."""
    joined: list[Run] = []
    for run in runs:
        if joined and not _returned(series, level, joined[-1], run):
            joined[-1] = (joined[-1][0], run[1])
        else:
            joined.append(run)
    return joined


def _returned(series: Series, level: Level, one: Run, other: Run) -> bool:
    """Return whether the buckets between two stretches are at the usual level, not at the lesser one's."""
    between = (one[1], other[0])
    own, usual = min(series.share(one), series.share(other)), level.over(series, between)
    return _is_at(series, between, usual, own)


def _seen(series: Series, run: Run) -> Run:
    """Return a stretch without empty buckets at its beginning and end, which may be an outage."""
    some = np.flatnonzero(series.requests[run[0] : run[1]])
    return (run[0] + int(some[0]), run[0] + int(some[-1]) + 1) if len(some) else run


def _standing_out(
    series: Series, slo: Slo, level: Level, runs: list[Run], excluded: Sequence[Run]
) -> list[Episode]:
    """Return the stretches that exceed the log's own variation; the others become part of that variation."""
    level = with_dispersion(level, series, ~covered([*runs, *excluded], len(series.bad)))
    measured = [
        _measured(series, slo, run, level.over(series, run), _lasting_evidence(series, level, run))
        for run in runs
    ]
    found = [episode for episode in measured if episode.found_among(len(series.bad))]
    if len(found) == len(runs):
        return found
    return _standing_out(series, slo, level, [episode.run for episode in found], excluded)


def judge_run(series: Series, slo: Slo, run: Run, reference: Run) -> Episode:
    """Measure a stretch chosen by something else against a reference."""
    usual, known = series.share(reference, smoothed=True), series.sums(reference)[1]
    return _measured(series, slo, run, usual, two_sample_evidence(*series.sums(run), usual, known))


def is_usual(series: Series, beside: Run, run: Run, reference: Run) -> bool:
    """Return whether the buckets beside a stretch are at the reference's level, not at the stretch's own."""
    return _is_at(series, beside, series.share(reference, smoothed=True), series.share(run))


def _is_at(series: Series, run: Run, usual: float, raised: float) -> bool:
    """Return whether buckets are surely at the usual share of bad requests, and not at the raised one."""
    bad, requests = series.sums(run)
    if raised <= usual:
        return True
    return float(binomial_score(np.array(bad), np.array(requests), raised, usual)) >= BESIDE_EVIDENCE


def _lasting_evidence(series: Series, level: Level, run: Run) -> float:
    """Return the evidence that is left without a stretch's worst moment, because one burst is one event."""
    start, end = run
    block = max(1, SHORTEST_S // series.bucket_s)
    moments = np.add.reduceat(series.bad[start:end], np.arange(0, end - start, block))
    worst = start + int(moments.argmax()) * block
    return level.evidence(series, run, left_out=(worst, min(worst + block, end)))


def _measured(series: Series, slo: Slo, run: Run, usual: float, nats: float) -> Episode:
    """Return a run as an episode: its excess over the usual share, its burn, and whether it matters."""
    bad, requests = series.sums(run)
    excess = bad - usual * requests
    matters = excess >= MIN_BAD and series.share(run) >= float(least_raised(usual, slo))
    return Episode(run, excess, excess / max(requests, 1.0) / slo.budget, nats, matters)
