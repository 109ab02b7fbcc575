"""What the events and the status of a span tell of it, as attributes with OpenTelemetry's names.

An exception is an event of its span, and so is the evaluation of a feature flag. The status may have a
description. They become attributes, where the span has none of that name:

    "status": {"code": 2, "message": "no answer"},          "otel.status_description": "no answer",
    "events": [{"name": "exception", "attributes":    ->    "exception.type": "TimeoutError",
      {"exception.type": "TimeoutError", ...}},             ...
     {"name": "feature_flag", "attributes":                 "feature_flag.new_cart": "on"
      {"feature_flag.key": "new_cart",
       "feature_flag.variant": "on"}}]

Stack traces are left out, because they are long, and the same failure has many.
Sources: OpenTelemetry, "Exceptions in spans", "Feature flags in events" (and the names it had before) and
"Mapping to non-OTLP formats"; OpenTracing, "Semantic conventions" (events of the kind `error`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import orjson
from msgspec import Raw

from incident_kit.read.spans.attribute_lists import ListSyntax, list_members
from incident_kit.read.spans.attribute_text import as_text, parsed
from incident_kit.schema import FLAG_KEY, FLAG_PREFIX, FLAG_VALUES

DESCRIPTION, TYPE, MESSAGE = "otel.status_description", "exception.type", "exception.message"
EXCEPTIONS = ("exception", "error")
# The attributes of an exception, and the names that an event's fields have for each, the best first.
EXCEPTION_FIELDS = {TYPE: (TYPE, "error.kind"), MESSAGE: (MESSAGE, "message", "error.object")}
FLAGS = ("feature_flag.evaluation", "feature_flag")
# Without one of these texts raw JSON holds neither. Most spans have no events, or others.
MARKS = (*(f'"{name}"'.encode() for name in EXCEPTIONS), b'"feature_flag')

# Raw JSON of no events (`[]`, or nothing) is no longer than this. Most spans have none.
NO_EVENTS = 2

Event = tuple[Any, Mapping[str, Any]]
"""An event's name and its fields."""


def event_attributes(description: Any = None, events: Iterable[Event] = ()) -> dict[str, str]:
    """Return the attributes for a status's description, for feature flags and for the last exception."""
    told = {DESCRIPTION: as_text(description)} if description else {}
    for name, fields in events:
        if name in EXCEPTIONS:
            told |= {attribute: _first(fields, names) for attribute, names in EXCEPTION_FIELDS.items()}
        elif name in FLAGS and fields.get(FLAG_KEY):
            told[f"{FLAG_PREFIX}{fields[FLAG_KEY]}"] = _first(fields, FLAG_VALUES)
    return {attribute: text for attribute, text in told.items() if text}


def _first(fields: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return the text of the first field with a value; empty if there is none."""
    found = (fields[name] for name in names if fields.get(name) not in (None, ""))
    return as_text(next(found, ""))


def listed_events(
    events: Any, fields: str, members: Callable[[Any], Mapping[str, Any]], *, name: str = "name"
) -> Iterator[Event]:
    """Yield the events of a decoded list; what is no event is passed over.

    `fields` and `name` are the members of an event with its fields and its name, which may also be the field
    `event`; `members` returns the fields as a dict.
    """
    for event in events if isinstance(events, list) else ():
        if isinstance(event, dict):
            held = members(event.get(fields))
            yield event.get(name) or held.get("event"), held


def with_events(
    attributes: Raw, syntax: ListSyntax, *, description: Any = None, events: Raw, fields: str
) -> bytes:
    """Return a raw JSON list of attributes with those added that events and status tell and that it lacks.

    `events` are raw JSON, and `fields` is the name of their member that holds their fields.
    """
    written = bytes(events)
    may_tell = any(mark in written for mark in MARKS)
    if not description and not may_tell:
        return attributes
    listed = listed_events(parsed(written), fields, partial(list_members, syntax=syntax)) if may_tell else ()
    told = event_attributes(description, listed)
    own = bytes(attributes).strip()
    added = [_pair(name, text, syntax) for name, text in told.items() if f'"{name}"'.encode() not in own]
    if not added or own[:1] != b"[":
        return own
    return b"[" + b",".join(filter(None, [own[1:-1].strip(), *added])) + b"]"


def _pair(name: str, text: str, syntax: ListSyntax) -> bytes:
    """Return an attribute as the dialect writes it in a list."""
    key, value = orjson.dumps(name), orjson.dumps(text)
    return b'{"key":' + key + syntax.before_value[0].encode() + value + syntax.closing.encode()
