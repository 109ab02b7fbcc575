"""The types of notebook parameters: what papermill, a hand or the command line may write for each."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from incident_kit.diagnosis.events import Event
from incident_kit.errors import ParameterError
from incident_kit.window import Window


def _given(value: object) -> object:
    """Take an empty text, as the parameters cells write it, for one that is not given."""
    return None if value == "" else _text(value)


def _text(value: object) -> object:
    """Refuse a number where text is wanted: papermill's `-p` has already turned 1.10 into 1.1."""
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


def _events(given: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse lines that are no events where they are written; a file is looked at when it is read."""
    try:
        for line in given:
            if not line.lower().endswith(".csv"):
                Event.parse(line)
    except ParameterError as error:
        raise ValueError(str(error)) from error
    return given


def _window(value: object) -> object:
    if not (value is None or isinstance(value, str | Window)):
        raise ValueError("a window is written as START/END")
    try:
        return Window.parse(value) if isinstance(value, str) and value else value or None
    except ParameterError as error:
        raise ValueError(str(error)) from error


Text = Annotated[str, BeforeValidator(_text)]
OptionalText = Annotated[str | None, BeforeValidator(_given)]
Paths = Annotated[tuple[str, ...], BeforeValidator(_paths)]
Events = Annotated[Paths, AfterValidator(_events)]
TimeZone = Annotated[Text, AfterValidator(_zone)]
Span = Annotated[Window | None, BeforeValidator(_window)]
Share = Annotated[float, Field(gt=0, lt=1)]
