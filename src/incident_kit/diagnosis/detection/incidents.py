"""Find the incidents of a log, each with its onset and the baseline it is compared with.

The steps, each in modules of its own:

    watch      one SLO over time: the valid and the bad requests of every bucket        signals, series
    episode    a run of buckets in which the share of bad requests was raised           segmentation, raised
    signal     an episode of one watch, as a window of time; some are merged            signals, merging
    incident   a signal, begun at the foot of the rise, compared with a baseline        onset, baseline

Example: the error rate is 0.1 %. From 10:00 to 10:20 it is 12 %, and requests are slow from 10:01 to 10:22.
The watches of errors and of latency each show one episode. They overlap and concern the same endpoints, so
they are one incident of the kind that is further beyond its budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from incident_kit.diagnosis.detection.baseline import choose_baseline
from incident_kit.diagnosis.detection.concerned import same_endpoints
from incident_kit.diagnosis.detection.given_windows import check_windows, is_worse
from incident_kit.diagnosis.detection.incident import Incident, incident_of
from incident_kit.diagnosis.detection.merging import merged
from incident_kit.diagnosis.detection.onset import with_onset_at_foot
from incident_kit.diagnosis.detection.partial_outages import partial_outages
from incident_kit.diagnosis.detection.signals import (
    Signal,
    Watch,
    close,
    how_bad,
    judged,
    signals,
    watches_of,
    worst_signal,
)
from incident_kit.diagnosis.detection.slowdowns import slowdowns
from incident_kit.diagnosis.detection.small_endpoints import broken_endpoints
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets
from incident_kit.window import Window


def find_incidents(
    rollup: Rollup, targets: Targets, *, incident: Window | None = None, baseline: Window | None = None
) -> list[Incident]:
    """Find the incidents of a log, in the order of time.

    Parameters
    ----------
    incident
        A window to look at instead: it always gives one entry, of the kind that changed most, even when the
        change is too small to be called an incident.
    baseline
        What to compare with; by default what `choose_baseline` chooses for each incident.

    Raises
    ------
    ParameterError
        If a given baseline holds no valid request or overlaps the incident, or the incident lies outside the
        log.
    """
    watches = watches_of(rollup, targets)
    if not watches:
        return []
    check_windows(rollup, watches[0], incident, baseline)
    if incident is not None:
        return [_given(rollup, watches, incident, baseline, targets.latency_quantile)]
    found = signals(watches, baseline)
    found += broken_endpoints(rollup, watches, found)
    found += slowdowns(rollup, watches, found)
    found += partial_outages(rollup, watches, found)
    merged_signals = merged(found, partial(same_endpoints, rollup))
    return [_found(rollup, watches, signal, merged_signals, baseline) for signal in merged_signals]


def _found(
    rollup: Rollup,
    watches: list[Watch],
    signal: Signal,
    merged_signals: Sequence[Signal],
    baseline: Window | None,
) -> Incident:
    """Return the incident that a signal shows, begun at the foot of the rise that led to it."""
    excluded = [one.window for one in merged_signals]
    usual = baseline or choose_baseline(signal.watch.series, signal.window, excluded)
    # A kind that has an incident of its own within this one is not the kind of this one.
    others = {
        one.watch.kind for one in merged_signals if one is not signal and close(one.window, signal.window)
    }
    worst = worst_signal([watch for watch in watches if watch.kind not in others], signal, usual)
    if worst.watch.kind == "outage":
        return incident_of(rollup, worst, usual)
    ended = [one.end for one in excluded if one.end <= worst.window.start]
    free = Window(max(ended, default=signal.watch.series.first), worst.window.end)
    risen = with_onset_at_foot(rollup, worst.watch.slo, worst.window, usual, free)
    alone = _alone(
        risen, [one.window for one in merged_signals if one.watch.kind == worst.watch.kind], rollup
    )
    before = baseline or choose_baseline(signal.watch.series, risen, [*excluded, risen])
    return incident_of(rollup, replace(worst, window=risen), before, alone)


def _alone(window: Window, others: Sequence[Window], rollup: Rollup) -> Window:
    """Return the stretch around a window in which no other window lies."""
    whole = rollup.window or window
    before = [one.end for one in others if one.end <= window.start]
    after = [one.start for one in others if one.start >= window.end]
    return Window(max([whole.start, *before]), min([whole.end, *after]))


def _given(
    rollup: Rollup, watches: list[Watch], window: Window, baseline: Window | None, q: float
) -> Incident:
    """Return the entry for a window that the user gave."""
    usual = baseline or choose_baseline(watches[0].series, window, [window])
    # Requests that kept arriving are no outage, however little else there is to say about the window.
    possible = [
        one for one in judged(watches, window, usual) if one.watch.kind != "outage" or one.episode.matters
    ]
    found = incident_of(rollup, max(possible, key=how_bad), usual)
    goes_on, worse = found.end is None, is_worse(rollup, possible, found, q)
    found = replace(found, goes_on=goes_on, provisional=False, began_before=False, worse=worse)
    return replace(found, start=window.start, end=window.end, recovery_s=window.seconds)
