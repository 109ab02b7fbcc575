"""Change points to incidents: what kind, since when, until when, compared with what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from incident_kit.diagnosis.baseline import choose_baseline
from incident_kit.diagnosis.detection import SUSTAINED_S, Episode, episodes, judge_run, recovered
from incident_kit.diagnosis.series import Series, series
from incident_kit.diagnosis.silence import judge_silence, silences
from incident_kit.errors import ParameterError
from incident_kit.measure.bad_requests import bad_counts, total
from incident_kit.measure.histogram import quantile
from incident_kit.measure.rollup import Rollup
from incident_kit.measure.shares import mix_share
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

Kind = Literal["latency", "errors", "traffic", "outage"]

IN_FLIGHT_QUANTILE = 0.999
"""Requests slower than all but one in a thousand may still be in flight when the log ends."""

MOSTLY_MIX = 0.5
"""When more than half of the excess is mix, interval included, traffic moved and nothing got worse."""

MUCH_LONGER = 3.0
"""Two indicators show one incident unless the lesser lasts this many times as long as the worse."""


@dataclass(frozen=True)
class Incident:
    """A stretch in which a promise was kept worse than usual.

    `end` is null while it lasts, or when the log ends before a return to the usual level can be told;
    `recovery_s` is then how long it has lasted. `provisional` says that it may have ended in the last stretch
    of the log, where slow requests are not logged yet; `began_before` that it was there when the log began.
    `bad` counts bad requests within it (of an outage: requests that never arrived), `excess` those beyond
    what the baseline lets expect.
    """

    kind: Kind
    slo: Slo
    start: datetime
    end: datetime | None
    baseline: Window
    bad: int = 0
    excess: float = 0.0
    recovery_s: float = 0.0
    provisional: bool = False
    began_before: bool = False

    @property
    def indicator(self) -> str:
        """The promise's indicator: what the counts are counts of."""
        return self.slo.indicator

    def during(self, last: datetime | None) -> Window:
        """Return the incident's window, closed with the end of the log where it is still open."""
        open_end = max(last or self.start, self.start) + timedelta(microseconds=1)
        return Window(self.start, self.end or open_end)


@dataclass(frozen=True)
class _Watch:
    """One promise over time, and the kind of incident it shows."""

    kind: Kind
    slo: Slo
    series: Series

    def episodes(self, baseline: Window | None) -> list[Episode]:
        if self.kind == "outage":
            return silences(self.series, self.slo)
        return episodes(self.series, self.slo, self.series.run(baseline) if baseline else None)

    def judge(self, window: Window, baseline: Window) -> Episode:
        judge = judge_silence if self.kind == "outage" else judge_run
        return judge(self.series, self.slo, self.series.run(window), self.series.run(baseline))


@dataclass(frozen=True)
class _Signal:
    """A stretch in which the watched promise was kept worse."""

    watch: _Watch
    episode: Episode
    window: Window


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
        If a given baseline holds no valid request.
    """
    watches = _watches(rollup, targets)
    if not watches:
        return []
    if baseline is not None and not _requests(watches[0], baseline):
        raise ParameterError(
            f"The baseline {baseline} holds no valid request; the log covers {rollup.window}."
        )
    if incident is not None:
        return [_given(rollup, watches, incident, baseline)]
    signals = [
        _Signal(watch, episode, watch.series.window(episode.run))
        for watch in watches
        for episode in watch.episodes(baseline)
    ]
    merged = _merged(signals)
    ill = [one.window for one in merged]
    return [
        _incident(rollup, one, baseline or choose_baseline(one.watch.series, one.window, ill))
        for one in merged
    ]


def _watches(rollup: Rollup, targets: Targets) -> list[_Watch]:
    """Return what there is to watch: a log without durations has no latency."""
    promises: list[tuple[Kind, Slo, Slo]] = [
        ("outage", targets.available, targets.errors),
        ("errors", targets.errors, targets.errors),
        ("latency", targets.latency, targets.latency),
    ]
    counted = [(kind, slo, series(rollup, counted_by)) for kind, slo, counted_by in promises]
    return [_Watch(kind, slo, found) for kind, slo, found in counted if found is not None]


def _requests(watch: _Watch, window: Window) -> float:
    start, end = watch.series.run(window)
    return float(watch.series.requests[start:end].sum())


def _merged(signals: list[_Signal]) -> list[_Signal]:
    """Make one of signals that overlap or follow each other closely: the one furthest beyond its budget.

    A short one within a long one stays apart: its own onset and end would be lost.
    """
    merged: list[_Signal] = []
    pause = timedelta(seconds=SUSTAINED_S)
    for signal in sorted(signals, key=lambda one: one.window):
        before = merged[-1] if merged else None
        if before is None or signal.window.start >= before.window.end + pause:
            merged.append(signal)
            continue
        worst = max(before, signal, key=lambda one: one.episode.burn)
        whole = Window(before.window.start, max(before.window.end, signal.window.end))
        if whole.seconds > MUCH_LONGER * worst.window.seconds + SUSTAINED_S:
            merged.append(signal)
        else:
            merged[-1] = replace(worst, window=whole)
    return merged


def _given(rollup: Rollup, watches: list[_Watch], window: Window, baseline: Window | None) -> Incident:
    """Return the entry for a window the user gave: of what is no chance the worst, else the least likely."""
    usual = baseline or choose_baseline(watches[0].series, window, [window])
    judged = [_Signal(watch, watch.judge(window, usual), window) for watch in watches]
    worst = max(
        judged, key=lambda one: (one.episode.sure, one.episode.burn if one.episode.sure else one.episode.nats)
    )
    found = _incident(rollup, worst, usual)
    return replace(found, start=window.start, end=window.end, recovery_s=window.seconds, provisional=False)


def _incident(rollup: Rollup, signal: _Signal, baseline: Window) -> Incident:
    watch, window = signal.watch, signal.window
    last = rollup.meta.last or window.end
    provisional = last - window.end < in_flight(rollup)
    ended = recovered(watch.series, watch.series.run(window), watch.series.run(baseline))
    end = window.end if ended and not provisional else None
    bad, excess, kind = _counted(rollup, signal, baseline)
    return Incident(
        kind=kind,
        slo=watch.slo,
        start=window.start,
        end=end,
        baseline=baseline,
        bad=bad,
        excess=excess,
        recovery_s=((end or last) - window.start).total_seconds(),
        provisional=provisional,
        began_before=window.start <= watch.series.first,
    )


def _counted(rollup: Rollup, signal: _Signal, baseline: Window) -> tuple[int, float, Kind]:
    """Return bad requests, those beyond the expected ones, and the kind, told apart from moved traffic."""
    if signal.watch.kind == "outage":
        return round(signal.episode.excess), signal.episode.excess, "outage"
    counts = bad_counts(rollup, signal.watch.slo)
    before, during = counts.filter(baseline.covers("time")), counts.filter(signal.window.covers("time"))
    (requests, bad), (usual_requests, usual_bad) = total(during), total(before)
    expected = requests * usual_bad / max(usual_requests, 1)
    moved = bad > expected and before.height and mix_share(before, during)[1] > MOSTLY_MIX
    return bad, bad - expected, "traffic" if moved else signal.watch.kind


def in_flight(rollup: Rollup) -> timedelta:
    """Return how long before its end a log is not complete yet, at most one bucket when nothing is timed."""
    bucket = timedelta(seconds=rollup.meta.bucket_s)
    if rollup.latency.is_empty():
        return bucket
    slowest = quantile(
        rollup.latency["bucket"].to_numpy(), rollup.latency["requests"].to_numpy(), IN_FLIGHT_QUANTILE
    )
    return max(bucket, timedelta(milliseconds=slowest))
