"""Sentences that display themselves in a notebook, and the phrases they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from incident_kit import wording
from incident_kit.inert import NO_FORMULA_CLASS, for_terminal, sentence_html


@dataclass(frozen=True)
class Sentences:
    """Sentences that display themselves as a paragraph, or as a list if there are several."""

    lines: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join(for_terminal(line) for line in self.lines)

    def _repr_html_(self) -> str:
        if len(self.lines) == 1:
            return f'<p class="ik-say {NO_FORMULA_CLASS}">{sentence_html(self.lines[0])}</p>'
        items = "".join(f"<li>{sentence_html(line)}</li>" for line in self.lines)
        return f'<ul class="ik-say {NO_FORMULA_CLASS}">{items}</ul>'


def stretch(start: datetime, end: datetime, tz: str = "UTC") -> str:
    """Return a stretch of time in UTC, and in the reader's zone if that differs."""
    utc = wording.stretch(start, end)
    if tz == "UTC":
        return utc
    first, last = (f"{edge.astimezone(ZoneInfo(tz)):%H:%M:%S}" for edge in (start, end))
    return f"{utc} ({first} to {last} in {tz})"


def moment(instant: datetime, tz: str = "UTC") -> str:
    """Return an instant in UTC, and in the reader's zone if that differs."""
    utc = wording.clock(instant.astimezone(ZoneInfo("UTC")))
    if tz == "UTC":
        return utc
    return f"{utc} ({instant.astimezone(ZoneInfo(tz)):%H:%M:%S} in {tz})"
