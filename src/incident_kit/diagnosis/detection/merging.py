"""Merge signals that overlap into one, unless that would hide a short one in a long one.

Example: errors from 10:00 to 10:20 and slow requests from 10:01 to 10:22 are one incident. Errors of five
minutes within two slow hours stay separate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from incident_kit.diagnosis.detection.episode import SUSTAINED_S
from incident_kit.diagnosis.detection.signals import Signal, close
from incident_kit.window import Window

MUCH_LONGER = 3.0
"""Two indicators show one incident unless the lesser lasts this many times as long as the worse."""

MOSTLY_OUT = 2.0
"""An incident is called an outage if it is one for half of its time, since nothing else can be seen then."""


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
