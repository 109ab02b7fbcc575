"""The types of notebook parameters, with all spellings that papermill, a person or the command line may use.

Times without an offset are read in `display_tz`, the zone in which the notebook shows times: whoever copies
one from a page means that zone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from incident_kit.diagnosis.events import Event
from incident_kit.errors import ParameterError
from incident_kit.window import Window, parse_instant


def _given(value: object) -> object:
    """Return None for an empty text, which is how the parameters cells write "not given"."""
    return None if value == "" else _text(value)


def _text(value: object) -> object:
    """Refuse a number where text is wanted, because papermill's `-p` has already turned 1.10 into 1.1."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        sentence = f"{value} is a number where text is wanted; give it in quotes, or with papermill's -r"
        raise ValueError(sentence)  # noqa: TRY004  # pydantic collects ValueError, not TypeError
    return value


def _paths(value: object) -> object:
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else _text(value)


def _zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ValueError(
            f"{name or 'an empty text'} is no time zone; write it like UTC or Europe/Vienna"
        ) from error


def _shown_in(info: ValidationInfo) -> str:
    return str(info.data.get("display_tz", "UTC"))


def _events(given: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Return lines of events with their times in UTC; a file of events is read later."""
    try:
        return tuple(
            line if line.lower().endswith(".csv") else str(Event.parse(line, _shown_in(info)))
            for line in given
        )
    except ParameterError as error:
        raise ValueError(str(error)) from error


def _window(value: object, info: ValidationInfo) -> object:
    if not (value is None or isinstance(value, str | Window)):
        raise ValueError("a window is written as START/END")
    try:
        return Window.parse(value, _shown_in(info)) if isinstance(value, str) and value else value or None
    except ParameterError as error:
        raise ValueError(str(error)) from error


def _instant(value: object, info: ValidationInfo) -> object:
    try:
        return parse_instant(value, _shown_in(info)) if isinstance(value, str) and value else value or None
    except ParameterError as error:
        raise ValueError(str(error)) from error


Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_given)]
Paths = Annotated[tuple[str, ...], BeforeValidator(_paths)]
Events = Annotated[Paths, AfterValidator(_events)]
TimeZone = Annotated[Text, AfterValidator(_zone)]
Span = Annotated[Window | None, BeforeValidator(_window)]
Instant = Annotated[datetime | None, BeforeValidator(_instant)]
Share = Annotated[float, Field(gt=0, lt=1)]
