"""Find incidents that come at regular intervals, as those of a scheduled job do.

Example: latency incidents that begin at 02:00:01, 03:00:00, 04:00:02 and 05:00:00 recur every hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from incident_kit import wording
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.regularity import regular_interval

ONE_START_S = 60
"""Incidents that begin within a minute are one occurrence, for instance at two endpoints."""

SHOWN = 4
"""Number of starts that the evidence lists, the latest ones."""


def find_recurrence(incidents: Sequence[Incident], bucket_s: int) -> list[Finding]:
    """Return the finding of the kind of incident that came at regular intervals, if one did.

    `bucket_s` is the resolution of the incidents' starts in seconds.
    """
    starts: dict[str, list[datetime]] = {}
    for one in incidents:
        if one.worse and not one.began_before:
            starts.setdefault(one.kind, []).append(one.start)
    found = []
    for kind, of_kind in starts.items():
        occurrences = _occurrences(of_kind)
        interval = regular_interval([start.timestamp() for start in occurrences], bucket_s)
        if interval is not None:
            found.append((kind, occurrences, interval))
    return [_finding(*max(found, key=lambda one: len(one[1])))] if found else []


def _occurrences(starts: Sequence[datetime]) -> list[datetime]:
    ordered, apart = sorted(starts), timedelta(seconds=ONE_START_S)
    return ordered[:1] + [after for before, after in pairwise(ordered) if after - before > apart]


def _finding(kind: str, starts: Sequence[datetime], interval_s: float) -> Finding:
    every = wording.duration_words(interval_s)
    plural = f"{wording.KINDS[kind]}s" if kind != "traffic" else "shifts of traffic"
    latest = wording.listed([wording.clock(start) for start in starts[-SHOWN:]])
    return Finding(
        id="recurring",
        priority="performance" if kind == "latency" else "reliability",
        claim=f"{wording.count(len(starts), wording.KINDS[kind], plural)} came every {every}.",
        evidence=f"They began at {latest}.",
        change="Find what runs then: a scheduled job, a backup, a cache or a token that expires. "
        "Throttle it, or move it off what serves requests.",
        risk="A job that is spread out takes longer, and may overlap with the next.",
        verify="Pause it, or move it by some minutes, and see whether the incidents follow.",
        monitor=f"Latency and errors at the end of each {every}.",
    )
