"""One incident: its kind, its start and end, its baseline, and how many requests it cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from incident_kit.diagnosis.detection.moved_traffic import excess_over, is_mostly_moved
from incident_kit.diagnosis.detection.raised import is_usual
from incident_kit.diagnosis.detection.signals import Kind, Signal
from incident_kit.measure.arrays.histogram import quantile
from incident_kit.measure.indicators.bad_requests import bad_counts, totals
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo
from incident_kit.window import Window

IN_FLIGHT_QUANTILE = 0.999
"""Requests slower than this quantile may still be in flight when the log ends."""


@dataclass(frozen=True)
class Incident:
    """A stretch of time in which an SLO was met less well than usual.

    `end` is null while the incident lasts, or if the log ends before a return to the usual level is sure;
    `recovery_s` is then how long it has lasted. `provisional`: it may have ended in the last part of the log,
    in which slow requests are not logged yet. `began_before`: nothing before it in the log shows that it was
    not there already. `goes_on`: the usual level is not seen after a given end. `worse`: requests surely
    failed more or took longer, which may be false in a given window. `bad` counts bad requests within it (for
    an outage: requests that never arrived), `excess` those beyond what the baseline leads to expect.
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
    goes_on: bool = False
    worse: bool = True

    @property
    def indicator(self) -> str:
        """The indicator of the SLO that was broken: it says what is counted."""
        return self.slo.indicator

    @property
    def threshold_ms(self) -> float:
        """The duration above which a request counts as slow."""
        return self.slo.threshold_ms

    def during(self, last: datetime | None) -> Window:
        """Return the incident's window, closed at the end of the log if it is still open."""
        open_end = max(last or self.start, self.start) + timedelta(microseconds=1)
        return Window(self.start, self.end or open_end)


def incident_of(rollup: Rollup, signal: Signal, baseline: Window, free: Window | None = None) -> Incident:
    """Measure a signal against its baseline.

    `free` (default: the log) is the stretch in which no other signal of its kind lies.
    """
    watched, window = signal.watch, signal.window
    last = rollup.meta.last or window.end
    provisional = last - window.end < in_flight(rollup)
    begun, ended = _edges(signal, baseline, free)
    end = window.end if ended and not provisional else None
    bad, excess, kind = _counted(rollup, signal, baseline)
    return Incident(
        kind=kind,
        slo=watched.slo,
        start=window.start,
        end=end,
        baseline=baseline,
        bad=bad,
        excess=excess,
        recovery_s=((end or last) - window.start).total_seconds(),
        provisional=provisional,
        began_before=not begun,
    )


def _edges(signal: Signal, baseline: Window, free: Window | None) -> tuple[bool, bool]:
    """Return whether the usual level is seen before a signal, and after it."""
    series, window = signal.watch.series, signal.window
    if signal.watch.kind == "outage":
        return True, True  # an outage is only found between traffic before and after it
    (start, end), reference = series.run(window), series.run(baseline)
    first, last = (0, len(series.bad)) if free is None else series.run(free)
    before, after = (is_usual(series, one, (start, end), reference) for one in ((first, start), (end, last)))
    return start > 0 and before, after


def _counted(rollup: Rollup, signal: Signal, baseline: Window) -> tuple[int, float, Kind]:
    """Return the bad requests, those beyond the expected ones, and the kind, which may be moved traffic."""
    if signal.watch.kind == "outage":
        return round(signal.episode.excess), signal.episode.excess, "outage"
    counts = bad_counts(rollup, signal.watch.slo)
    before, during = counts.filter(baseline.covers("time")), counts.filter(signal.window.covers("time"))
    # An endpoint that the baseline hardly has, such as a nightly export, may be known from other times.
    elsewhere = counts.filter(~signal.window.covers("time"))
    moved = is_mostly_moved(before, during) or is_mostly_moved(elsewhere, during)
    return totals(during)[1], excess_over(before, during), "traffic" if moved else signal.watch.kind


def in_flight(rollup: Rollup) -> timedelta:
    """Return how long before its end a log is incomplete; one bucket if nothing is timed."""
    bucket = timedelta(seconds=rollup.meta.bucket_s)
    if rollup.latency.is_empty():
        return bucket
    slowest = quantile(
        rollup.latency["bucket"].to_numpy(), rollup.latency["requests"].to_numpy(), IN_FLIGHT_QUANTILE
    )
    return max(bucket, timedelta(milliseconds=slowest))
