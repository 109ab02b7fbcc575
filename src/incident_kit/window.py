"""A stretch of time: half-open, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from incident_kit.errors import ParameterError


def parse_instant(text: str, tz: str = "UTC") -> datetime:
    """Read an ISO 8601 instant; one without an offset is a time of the zone `tz`, the first of two alike.

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
    """The instants from `start` up to, and without, `end`; both are aware and in UTC."""

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
        """Read `START/END`, two ISO 8601 instants; those without an offset are times of the zone `tz`.

        Raises
        ------
        ParameterError
            If there are not two instants, or they are in the wrong order.
        """
        start, separator, end = text.partition("/")
        if not separator:
            raise ParameterError(f"{text!r} is no window; write it as START/END.")
        return cls(parse_instant(start, tz), parse_instant(end, tz))

    @property
    def duration(self) -> timedelta:
        """How long the window is."""
        return self.end - self.start

    @property
    def seconds(self) -> float:
        """How long the window is, in seconds."""
        return self.duration.total_seconds()

    def overlaps(self, other: Window, pause: timedelta = timedelta(0)) -> bool:
        """Return whether two windows share an instant, or follow each other within a pause."""
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
    """Write an instant as ISO 8601 in UTC with a trailing Z, microseconds only where there are any."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
