"""Half-open periods of time in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from incident_kit.errors import ParameterError


def parse_instant(text: str, tz: str = "UTC") -> datetime:
    """Return the UTC instant of an ISO 8601 text; without an offset, it is a time in the zone `tz`.

    If a change of the clock repeats that time, the first occurrence counts.

    Raises
    ------
    ParameterError
        If the text is no ISO 8601 instant.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ParameterError(f"{text!r} is no ISO 8601 time; write it like 2026-01-31T10:00:00Z.") from error
    return (instant if instant.tzinfo else instant.replace(tzinfo=ZoneInfo(tz))).astimezone(UTC)


@dataclass(frozen=True, order=True)
class Window:
    """The instants from `start` (included) to `end` (excluded). Both are time-zone aware and in UTC."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if not isinstance(self.start, datetime) or not isinstance(self.end, datetime):
            raise ParameterError(
                f"The window from {self.start!r} to {self.end!r} has no times as ends; use Window.parse."
            )
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ParameterError(
                f"The window from {self.start} to {self.end} has no time zone; give both ends with one."
            )
        if self.start >= self.end:
            raise ParameterError(f"The window {self} ends before it begins; write it as START/END.")

    @classmethod
    def parse(cls, text: str, tz: str = "UTC") -> Window:
        """Return the window of a text `START/END`, two ISO 8601 instants; without offsets, in the zone `tz`.

        Raises
        ------
        ParameterError
            If there are not two instants, or they are in the wrong order.
        """
        start, separator, end = text.partition("/")
        if not separator:
            raise ParameterError(f"{text!r} is no window; write it as START/END.")
        return cls(parse_instant(start, tz), parse_instant(end, tz))

    @classmethod
    def of(cls, given: Window | str) -> Window:
        """Return a window as it is, or the window of a text `START/END`.

        Raises
        ------
        ParameterError
            If it is neither.
        """
        if isinstance(given, str):
            return cls.parse(given)
        if isinstance(given, Window):
            return given
        raise ParameterError(f"{given!r} is no window; give a text START/END or a Window.")

    @property
    def duration(self) -> timedelta:
        """Length of the window."""
        return self.end - self.start

    @property
    def seconds(self) -> float:
        """Length of the window in seconds."""
        return self.duration.total_seconds()

    def overlaps(self, other: Window, pause: timedelta = timedelta(0)) -> bool:
        """Return whether two windows share an instant, or lie at most `pause` apart."""
        return self.start < other.end + pause and other.start < self.end + pause

    def covers(self, column: str = "start_time") -> pl.Expr:
        """Return the expression that is true for rows whose `column` lies within the window."""
        return pl.col(column).is_between(self.start, self.end, closed="left")

    def iso(self) -> tuple[str, str]:
        """Return both ends as ISO 8601 text with a trailing Z."""
        return iso(self.start), iso(self.end)

    def __str__(self) -> str:
        return "/".join(self.iso())


def iso(instant: datetime) -> str:
    """Return an instant as ISO 8601 in UTC with a trailing Z, with microseconds only if there are any."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
