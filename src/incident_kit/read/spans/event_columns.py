"""Turn a table's column of the spans' events into what they tell of failures, as JSON objects.

ClickHouse's `otel_traces` has the fields of all events of a span in one column, as a list of maps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.failures import MESSAGE, TYPE, failure_attributes
from incident_kit.read.spans.map_columns import map_members, members_of_text


def exception_objects(fields_of_events: pl.Series) -> pl.Series:
    """Return a JSON object for each list of maps, which may be text, with the last exception among them."""
    tells = fields_of_events.str.contains_any([TYPE, MESSAGE]).fill_null(value=False).arg_true()
    told = [attributes_json(_told(fields_of_events[row])) for row in tells]
    nothing = pl.Series(["{}"]).new_from_index(0, len(fields_of_events))
    return nothing.scatter(tells, pl.Series(told, dtype=pl.String)).alias(fields_of_events.name)


def _told(text: str) -> dict[str, str]:
    exceptions = (fields for fields in _maps(text) if TYPE in fields or MESSAGE in fields)
    return failure_attributes(events=(("exception", fields) for fields in exceptions))


def _maps(text: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = orjson.loads(text)
    except ValueError:  # as ClickHouse prints a list; the maps of the later events win
        yield members_of_text(text)
        return
    for each in found if isinstance(found, list) else ():
        yield map_members(each) if isinstance(each, dict | list) else {}
