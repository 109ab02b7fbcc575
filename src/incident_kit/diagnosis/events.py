"""Events: deploys and configuration changes that people made, with their times.

Example: `2026-01-31T10:00Z deploy v42`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import polars as pl

from incident_kit.errors import ParameterError
from incident_kit.measure.calls.flag_changes import FlagChange
from incident_kit.measure.calls.releases import Release
from incident_kit.window import iso, parse_instant

SUSPICIOUS_FOR = timedelta(minutes=5)
"""An onset this soon after an event is said to follow it, because rollouts take minutes to reach
everybody."""

ONSET_SLACK = timedelta(seconds=30)
"""A detected onset may precede by this much what it follows: the first trace of a new version."""

Change = TypeVar("Change", Release, FlagChange)
"""A change of a service that the traces first show at some time."""

FIRST_ROW = 2
"""CSV rows are counted like an editor's lines; the first line holds the names."""

_DATE_AND_TIME = re.compile(r"(\S*(?:(?<=\d{4}-\d\d-\d\d) \d\d:\S*)?)\s*(.*)", re.DOTALL)


@dataclass(frozen=True, order=True)
class Event:
    """Something that was done, and when."""

    time: datetime
    text: str

    @classmethod
    def parse(cls, line: str, tz: str = "UTC") -> Event:
        """Read `TIME text`, the time in ISO 8601, with a T or a blank between date and time of day.

        A time without an offset is in the zone `tz`.

        Raises
        ------
        ParameterError
            If the line does not begin with a time, or has no text after it.
        """
        time, text = _DATE_AND_TIME.match(line.strip()).groups()  # type: ignore[union-attr]
        if not text.strip():
            raise ParameterError(
                f"The event {line!r} lacks a text; write it as '2026-01-31T10:00Z deploy v42'."
            )
        return cls(parse_instant(time, tz), text.strip())

    def __str__(self) -> str:
        return f"{iso(self.time)} {self.text}"


def read_events(given: str | Event | Iterable[str | Event]) -> list[Event]:
    """Read events: `Event`, lines `TIME text`, or CSV paths (columns time, text); sorted by time.

    A single event, line or path needs no list.

    Raises
    ------
    ParameterError
        If a line is no event, or a file lacks one of the two columns.
    """
    items = [given] if isinstance(given, str | Event) else given
    return sorted(event for item in items for event in _events_of(item))


def _events_of(item: str | Event) -> list[Event]:
    if isinstance(item, Event):
        return [item]
    if item.lower().endswith(".csv"):
        return _read_csv(Path(item))
    return [Event.parse(item)]


def _read_csv(path: Path) -> list[Event]:
    if not path.is_file():
        raise ParameterError(f"The events file {path} is not there; give its path or events as 'TIME text'.")
    table = pl.read_csv(path, infer_schema=False, raise_if_empty=False)
    table = table.rename({name: name.strip().lower() for name in table.columns})
    missing = {"time", "text"} - set(table.columns)
    if missing:
        raise ParameterError(
            f"{path} has no column {', '.join(sorted(missing))}; name the columns of events time and text."
        )
    rows = enumerate(table.select("time", "text").iter_rows(), start=FIRST_ROW)
    return [_event(f"{path}, row {number}", time, text) for number, (time, text) in rows if time or text]


def _event(where: str, time: str | None, text: str | None) -> Event:
    try:
        return Event.parse(f"{time or ''} {text or ''}")
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from error


def first_seen_before(onset: datetime, changes: Iterable[Change], service: str | None) -> Change | None:
    """Return the last change that the onset follows closely, if there is one.

    Changes of the given service, which is at fault, come before those of others.
    """
    close = [one for one in changes if onset - SUSPICIOUS_FOR <= one.time <= onset + ONSET_SLACK]
    return max(close, key=lambda one: (one.service == service, one.time), default=None)


def event_before(onset: datetime, events: Iterable[Event]) -> Event | None:
    """Return the last event that the onset follows closely, if there is one."""
    close = [event for event in events if timedelta(0) <= onset - event.time <= SUSPICIOUS_FOR]
    return max(close, default=None)
