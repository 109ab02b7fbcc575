"""Find incidents that come at regular intervals, as those of a scheduled job do.

Example: latency incidents that begin at 02:00:01, 03:00:00 and 04:00:02 recur every hour. An incident that
was missed leaves a gap of two intervals, so each gap may be a multiple of the shortest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from incident_kit import wording
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding

MIN_OCCURRENCES = 3
"""Fewest incidents that can show an interval: any two have one."""

BY_CHANCE = 0.001
"""Incidents at random times would be as regular by less than this chance; up to ten times as likely, because
the interval is chosen from their own gaps."""

ONE_START_S = 60
"""Incidents that begin within a minute are one occurrence, for instance at two endpoints."""

SHOWN = 4
"""Number of starts that the evidence lists, the latest ones."""


class Interval(NamedTuple):
    """How far apart incidents begin, in seconds, and when they began."""

    seconds: float
    starts: list[datetime]


def find_recurrence(incidents: Sequence[Incident], bucket_s: int) -> list[Finding]:
    """Return the finding of the kind of incident that came at regular intervals, if one did.

    `bucket_s` is the resolution of the incidents' starts in seconds.
    """
    by_kind: dict[str, list[datetime]] = {}
    for one in incidents:
        if one.worse and not one.began_before:
            by_kind.setdefault(one.kind, []).append(one.start)
    regular = [(kind, regular_interval(starts, bucket_s)) for kind, starts in by_kind.items()]
    found = [(kind, interval) for kind, interval in regular if interval]
    return [_finding(*max(found, key=lambda one: len(one[1].starts)))] if found else []


def regular_interval(starts: Sequence[datetime], bucket_s: float) -> Interval | None:
    """Return the interval of starts that are too regular to be so by chance; None if they are not.

    At random times, the remainder of each gap after the first is uniform between no and one interval. The
    chance that all of them are as small as the largest one is a product.
    """
    ordered = _occurrences(starts)
    if len(ordered) < MIN_OCCURRENCES:
        return None
    gaps = [_gap(*pair) for pair in pairwise(ordered)]
    intervals = [max(1, round(gap / min(gaps))) for gap in gaps]
    seconds = median(gap / number for gap, number in zip(gaps, intervals, strict=True))
    off = max(abs(gap - number * seconds) for gap, number in zip(gaps, intervals, strict=True))
    chance = min(1.0, 2 * (off + bucket_s) / seconds) ** (len(gaps) - 1)
    return Interval(seconds, ordered) if chance < BY_CHANCE else None


def _occurrences(starts: Sequence[datetime]) -> list[datetime]:
    ordered = sorted(starts)
    return ordered[:1] + [after for before, after in pairwise(ordered) if _gap(before, after) > ONE_START_S]


def _gap(before: datetime, after: datetime) -> float:
    return (after - before).total_seconds()


def _finding(kind: str, interval: Interval) -> Finding:
    every = wording.duration_words(interval.seconds)
    plural = f"{wording.KINDS[kind]}s" if kind != "traffic" else "shifts of traffic"
    latest = wording.listed([wording.clock(start) for start in interval.starts[-SHOWN:]])
    return Finding(
        id="recurring",
        priority="performance" if kind == "latency" else "reliability",
        claim=f"{wording.count(len(interval.starts), wording.KINDS[kind], plural)} came every {every}.",
        evidence=f"They began at {latest}.",
        change="Find what runs then: a scheduled job, a backup, a cache or a token that expires. "
        "Throttle it, or move it off what serves requests.",
        risk="A job that is spread out takes longer, and may overlap with the next.",
        verify="Pause it, or move it by some minutes, and see whether the incidents follow.",
        monitor=f"Latency and errors at the end of each {every}.",
    )
