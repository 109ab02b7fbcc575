"""Find where to split one log into before and after: at a release, or at what stands in for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.detection.incidents import find_incidents
from incident_kit.diagnosis.events import ONSET_SLACK, read_events
from incident_kit.errors import ParameterError
from incident_kit.measure.calls.releases import Release, releases
from incident_kit.measure.rollups.rollup import rollup_requests
from incident_kit.reports.notebooks.parameters import CompareReleases
from incident_kit.window import Window, parse_instant


class Split(NamedTuple):
    """The instant, how it was found, and whether a release came then."""

    at: datetime
    why: str
    is_release: bool = True


def split(requests: pl.DataFrame, spans: pl.DataFrame | None, asked: CompareReleases) -> Split:
    """Return where to split: at a release that was given, else at one the data show, else in the middle.

    Raises
    ------
    ParameterError
        If there are no requests.
    """
    return _told(asked) or _shown(requests, spans, asked)


def _told(asked: CompareReleases) -> Split | None:
    if asked.release:
        return Split(asked.release, "the release")
    if asked.events:
        return Split(read_events(asked.events)[0].time, "the first event")
    if asked.is_sample:
        return Split(parse_instant(asked.sample_start), "when the sample's release came")
    return None


def _shown(requests: pl.DataFrame, spans: pl.DataFrame | None, asked: CompareReleases) -> Split:
    """Return the first release that traces show, else the middle of the data; neither in an incident."""
    times = requests["start_time"].drop_nulls().sort()
    if times.is_empty():
        raise ParameterError("There is no request to compare; give a log that has some.")
    within = _incidents(requests, asked)
    seen = _first_outside(releases(spans), within)
    if seen is not None:
        return Split(seen.time, f"when {seen.name} was first seen in the traces")
    middle = times[times.len() // 2]
    around = [window for window in within if window.start < middle < window.end]
    if around:
        onset = "the onset of the incident in the middle of the data, for no release is known"
        return Split(around[0].start, onset, is_release=False)
    return Split(middle, "the middle of the data, for no release is known", is_release=False)


def _incidents(requests: pl.DataFrame, asked: CompareReleases) -> list[Window]:
    rollup = rollup_requests(requests, targets=asked.targets)
    return [incident.during(rollup.meta.last) for incident in find_incidents(rollup, asked.targets)]


def _first_outside(seen: Sequence[Release], within: Sequence[Window]) -> Release | None:
    """Return the first release before an incident or at its onset; none from the midst of an incident."""
    outside = (
        one
        for one in seen
        if not any(window.start + ONSET_SLACK < one.time < window.end for window in within)
    )
    return next(outside, None)
