"""Turn a table's column of the spans' events into the attributes that they tell, as JSON objects.

ClickHouse's `otel_traces` has the fields of all events of a span in one column, as a list of maps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.map_columns import map_members, members_of_text
from incident_kit.read.spans.span_events import MESSAGE, TYPE, Event, event_attributes
from incident_kit.schema import FLAG_KEY


def event_objects(fields_of_events: pl.Series) -> pl.Series:
    """Return a JSON object for each list of maps, which may be text; see `event_attributes`."""
    tells = fields_of_events.str.contains_any([TYPE, MESSAGE, FLAG_KEY]).fill_null(value=False).arg_true()
    told = [attributes_json(event_attributes(events=_events(fields_of_events[row]))) for row in tells]
    nothing = pl.Series(["{}"]).new_from_index(0, len(fields_of_events))
    return nothing.scatter(tells, pl.Series(told, dtype=pl.String)).alias(fields_of_events.name)


def _events(text: str) -> Iterator[Event]:
    """Yield the events, whose names stand in another column but follow from their fields."""
    for fields in _maps(text):
        yield "exception" if TYPE in fields or MESSAGE in fields else "feature_flag", fields


def _maps(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = orjson.loads(text)
    except ValueError:  # as ClickHouse prints a list of maps
        yield from map(members_of_text, text.split("},{"))
        return
    for each in found if isinstance(found, list) else ():
        yield map_members(each) if isinstance(each, dict | list) else {}
