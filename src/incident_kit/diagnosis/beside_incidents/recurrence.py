"""Find incidents that come at regular intervals, as those of a scheduled job do.

Example: latency incidents that begin at 02:00:01, 03:00:00, 04:00:02 and 05:00:00 recur every hour. Others
that begin at 1:41, 7:39 and 13:50 end at 6:00, 12:00 and 18:00: something fills up until it is emptied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from incident_kit import wording
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.arrays.regularity import regular_interval

ONE_START_S = 60
"""Incidents that begin within a minute are one occurrence, for instance at two endpoints."""

SHOWN = 4
"""Number of starts or ends that the evidence lists, the latest ones."""

LOOK_WHAT_RUNS = (
    "Find what runs then: a scheduled job, a backup, a cache or a token that expires. Throttle it, or move "
    "it off what serves requests."
)
LOOK_WHAT_ENDS_IT = (
    "Find what is restarted, emptied or rotated then, and what fills up until it is: memory, a pool, a "
    "queue, a table. Mend that leak, and until then let the restart come sooner."
)


@dataclass(frozen=True)
class Recurrence:
    """Instants of one kind of incident that recur at an interval."""

    kind: str
    instants: Sequence[datetime]
    interval_s: float


def find_recurrence(incidents: Sequence[Incident], bucket_s: int) -> list[Finding]:
    """Return the finding of the kind of incident that came, or ended, at regular intervals, if one did.

    `bucket_s` is the resolution of the incidents' starts and ends in seconds.
    """
    worse = [one for one in incidents if one.worse]
    starts = [(one.kind, one.start) for one in worse if not one.began_before]
    if came := _most_regular(starts, bucket_s):
        return [_finding(came, "came", "began", LOOK_WHAT_RUNS)]
    ends = [(one.kind, one.end) for one in worse if one.end is not None and not one.provisional]
    if ended := _most_regular(ends, bucket_s):
        return [_finding(ended, "ended", "ended", LOOK_WHAT_ENDS_IT)]
    return []


def _most_regular(instants: Sequence[tuple[str, datetime]], bucket_s: int) -> Recurrence | None:
    """Return the kind whose instants recur, of several the one with most of them."""
    of_kinds: dict[str, list[datetime]] = {}
    for kind, instant in instants:
        of_kinds.setdefault(kind, []).append(instant)
    found = []
    for kind, of_kind in of_kinds.items():
        occurrences = _occurrences(of_kind)
        interval = regular_interval([one.timestamp() for one in occurrences], bucket_s)
        if interval is not None:
            found.append(Recurrence(kind, occurrences, interval))
    return max(found, key=lambda one: len(one.instants), default=None)


def _occurrences(starts: Sequence[datetime]) -> list[datetime]:
    ordered, apart = sorted(starts), timedelta(seconds=ONE_START_S)
    return ordered[:1] + [after for before, after in pairwise(ordered) if after - before > apart]


def _finding(recurrence: Recurrence, came: str, began: str, change: str) -> Finding:
    kind, instants = recurrence.kind, recurrence.instants
    every = wording.duration_words(recurrence.interval_s)
    plural = f"{wording.KINDS[kind]}s" if kind != "traffic" else "shifts of traffic"
    latest = wording.listed([wording.clock(instant) for instant in instants[-SHOWN:]])
    return Finding(
        id="recurring",
        priority="performance" if kind == "latency" else "reliability",
        claim=f"{wording.count(len(instants), wording.KINDS[kind], plural)} {came} every {every}.",
        evidence=f"They {began} at {latest}.",
        change=change,
        risk="A job that is spread out takes longer, and may overlap with the next.",
        verify="Pause what you find, or move it by some minutes, and see whether the incidents follow.",
        monitor=f"Latency and errors at the end of each {every}.",
    )
