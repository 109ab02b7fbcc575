"""Find what the promises show over time: outages, errors and latency are watched alike, then merged.

A watch is one promise over time. An episode is a run of its buckets in which it was kept worse. A signal is
an episode with its watch and its window. Signals that overlap are merged into one, unless that would hide a
short one in a long one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from incident_kit.diagnosis.detection.raised import SUSTAINED_S, Episode, episodes, judge_run
from incident_kit.diagnosis.detection.series import Series, series
from incident_kit.diagnosis.detection.silence import judge_silence, silences
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

Kind = Literal["latency", "errors", "traffic", "outage"]

MUCH_LONGER = 3.0
"""Two indicators show one incident unless the lesser lasts this many times as long as the worse."""

MOSTLY_OUT = 2.0
"""An incident is called an outage if it is one for half of its time, because nothing else can be seen
then."""


@dataclass(frozen=True)
class Watch:
    """One promise over time, and the kind of incident that it shows."""

    kind: Kind
    slo: Slo
    series: Series

    def episodes(self, baseline: Window | None, ill: Iterable[Window] = ()) -> list[Episode]:
        """Find the stretches in which the promise was kept worse than usual; in `ill` others were broken."""
        if self.kind == "outage":
            return silences(self.series, self.slo)
        reference = self.series.run(baseline) if baseline else None
        return episodes(self.series, self.slo, reference, [self.series.run(window) for window in ill])

    def judge(self, window: Window, baseline: Window) -> Episode:
        """Measure a given window against a baseline."""
        judge = judge_silence if self.kind == "outage" else judge_run
        return judge(self.series, self.slo, self.series.run(window), self.series.run(baseline))

    def requests(self, window: Window) -> float:
        """Return the number of requests in the window."""
        return self.series.sums(self.series.run(window))[1]


@dataclass(frozen=True)
class Signal:
    """A window in which the watched promise was kept worse than usual."""

    watch: Watch
    episode: Episode
    window: Window


def watch(rollup: Rollup, targets: Targets) -> list[Watch]:
    """Return the watches that a log allows: a log without durations has no latency."""
    promises: list[tuple[Kind, Slo, Slo]] = [
        ("outage", targets.available, targets.errors),
        ("errors", targets.errors, targets.errors),
        ("latency", targets.latency, targets.latency),
    ]
    counted = [(kind, slo, series(rollup, counted_by)) for kind, slo, counted_by in promises]
    return [Watch(kind, slo, found) for kind, slo, found in counted if found is not None]


def signals(watches: Iterable[Watch], baseline: Window | None) -> list[Signal]:
    """Return every stretch that any of the promises shows.

    Requests that fail at once are quick. Beside an hour of them, any other hour would look slow. So the usual
    share of a promise is not learnt where an earlier promise in the list was broken.
    """
    found: list[Signal] = []
    for one in watches:
        ill = [signal.window for signal in found]
        found += [
            Signal(one, episode, one.series.window(episode.run)) for episode in one.episodes(baseline, ill)
        ]
    return found


def merged(found: Iterable[Signal], related: Callable[[Signal, Signal], bool]) -> list[Signal]:
    """Merge related signals that overlap or follow closely into the one furthest beyond its budget.

    A short signal within a long one stays separate, because its own onset and end would be lost.
    """
    result: list[Signal] = []
    for signal in sorted(found, key=lambda one: one.window):
        near = [
            place
            for place, before in enumerate(result)
            if close(before.window, signal.window) and related(before, signal)
        ]
        both = _together(result[near[-1]], signal) if near else None
        if both is None:
            result.append(signal)
        else:
            result[near[-1]] = both
    return result


def _together(before: Signal, after: Signal) -> Signal | None:
    """Return the worse of two signals over the time of both, unless that is much longer than its own.

    Slow answers are not part of an outage: the requests that got them arrived, and the crowd that comes back
    would offset the requests that never arrived.
    """
    if {before.watch.kind, after.watch.kind} == {"outage", "latency"}:
        return None
    worst = max(before, after, key=lambda one: one.episode.burn)
    whole = Window(before.window.start, max(before.window.end, after.window.end))
    start, end = worst.episode.run  # its own time, without the signals merged into it
    seconds = (end - start) * worst.watch.series.bucket_s
    out = worst.watch.kind == "outage"
    longest = MOSTLY_OUT * seconds if out else MUCH_LONGER * seconds + SUSTAINED_S
    return replace(worst, window=whole) if whole.seconds <= longest else None


def close(one: Window, other: Window) -> bool:
    """Return whether two windows overlap or follow each other within a pause."""
    return one.overlaps(other, pause=timedelta(seconds=SUSTAINED_S))


def judged(watches: Iterable[Watch], window: Window, baseline: Window) -> list[Signal]:
    """Measure a window by every promise."""
    return [Signal(one, one.judge(window, baseline), window) for one in watches]


def worst_in(watches: Iterable[Watch], signal: Signal, baseline: Window) -> Signal:
    """Return the promise that was kept worst in a signal's window, as a signal.

    The window is known, so less evidence is needed than in a search.
    """
    rivals = [one for one in judged(watches, signal.window, baseline) if one.episode.likely]
    others = [one for one in rivals if one.watch.kind != signal.watch.kind]
    return max([signal, *others], key=lambda one: one.episode.burn)


def how_bad(signal: Signal) -> tuple[bool, float]:
    """Return a sort key: likely signals rank by burn, above unlikely ones, which rank by nats."""
    episode = signal.episode
    return episode.likely, episode.burn if episode.likely else episode.nats
