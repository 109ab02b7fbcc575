"""Find what the SLOs show over time: outages, errors and latency are watched alike.

A watch is one SLO over time. An episode is a run of its buckets in which it was met less well. A signal is
an episode with its watch and its window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from incident_kit.diagnosis.detection.episode import SUSTAINED_S, Episode
from incident_kit.diagnosis.detection.outages import judge_outage, outages
from incident_kit.diagnosis.detection.raised import episodes, judge_run
from incident_kit.diagnosis.detection.series import Series, series
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

Kind = Literal["latency", "errors", "traffic", "outage"]


@dataclass(frozen=True)
class Watch:
    """One SLO over time, and the kind of incident that it shows."""

    kind: Kind
    slo: Slo
    series: Series

    def episodes(self, baseline: Window | None, excluded: Iterable[Window] = ()) -> list[Episode]:
        """Find the stretches in which it was kept worse; in the `excluded` windows others were broken."""
        if self.kind == "outage":
            return outages(self.series, self.slo)
        reference = self.series.run(baseline) if baseline else None
        return episodes(self.series, self.slo, reference, [self.series.run(window) for window in excluded])

    def judge(self, window: Window, baseline: Window) -> Episode:
        """Measure a given window against a baseline."""
        judge = judge_outage if self.kind == "outage" else judge_run
        return judge(self.series, self.slo, self.series.run(window), self.series.run(baseline))

    def requests(self, window: Window) -> float:
        """Return the number of requests in the window."""
        return self.series.sums(self.series.run(window))[1]


@dataclass(frozen=True)
class Signal:
    """A window in which the watched SLO was met less well than usual."""

    watch: Watch
    episode: Episode
    window: Window


def watches_of(rollup: Rollup, targets: Targets) -> list[Watch]:
    """Return the watches that a log allows: without durations, or with two units of them, no latency."""
    slos: list[tuple[Kind, Slo, Slo]] = [
        ("outage", targets.available, targets.errors),
        ("errors", targets.errors, targets.errors),
        ("latency", targets.latency, targets.latency),
    ]
    counted = [(kind, slo, series(rollup, counted_by)) for kind, slo, counted_by in slos]
    return [Watch(kind, slo, found) for kind, slo, found in counted if found is not None]


def signals(watches: Iterable[Watch], baseline: Window | None) -> list[Signal]:
    """Return every stretch that any of the SLOs shows.

    Requests that fail at once are quick. Beside an hour of them, any other hour would look slow. So the usual
    share of an SLO is not learnt where an earlier SLO in the list was broken.
    """
    found: list[Signal] = []
    for watch in watches:
        excluded = [signal.window for signal in found]
        found += [
            Signal(watch, episode, watch.series.window(episode.run))
            for episode in watch.episodes(baseline, excluded)
        ]
    return found


def close(one: Window, other: Window) -> bool:
    """Return whether two windows overlap or follow each other within a pause."""
    return one.overlaps(other, pause=timedelta(seconds=SUSTAINED_S))


def apart(window: Window, others: Iterable[Window]) -> bool:
    """Return whether a window is close to none of the others."""
    return not any(close(window, other) for other in others)


def judged(watches: Iterable[Watch], window: Window, baseline: Window) -> list[Signal]:
    """Measure a window by every SLO."""
    return [Signal(watch, watch.judge(window, baseline), window) for watch in watches]


def worst_signal(watches: Iterable[Watch], signal: Signal, baseline: Window) -> Signal:
    """Return the SLO that was met worst in a signal's window, as a signal.

    The window is known, so less evidence is needed than in a search.
    """
    rivals = [rival for rival in judged(watches, signal.window, baseline) if rival.episode.likely]
    others = [rival for rival in rivals if rival.watch.kind != signal.watch.kind]
    return max([signal, *others], key=lambda one: one.episode.burn)


def how_bad(signal: Signal) -> tuple[bool, float]:
    """Return a sort key: likely signals rank by burn, above unlikely ones, which rank by nats."""
    episode = signal.episode
    return episode.likely, episode.burn if episode.likely else episode.nats
