"""Rows of a table of spans: the columns that have a meaning by that, all others as attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce

import polars as pl

from incident_kit.read.spans.attribute_text import joined
from incident_kit.read.spans.columns import RECORDED
from incident_kit.read.spans.map_columns import as_json, map_objects, value_objects
from incident_kit.read.spans.times import epoch_ns, epoch_unit
from incident_kit.schema import SPANS

CONVERTED = {"start", "duration_ms", "attributes", "http_status"}
DURATIONS_NS = {"duration_ns": 1, "duration_us": 1e3, "duration_ms": 1e6, "duration_s": 1e9}
# Columns of `otel_traces` that tell of a span's events and links, not of the span.
LEFT_OUT = re.compile(r"^(Events|Links)\b", re.IGNORECASE)
SAYS_NO_MORE = ("", "0", "false", "none", "null")


def recorded_rows(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return what is recorded in the rows of a table (columns as in RECORDED), by its names of columns."""
    found = {name: table[column] for name, column in columns.items() if column in table.columns}
    start = epoch_ns(found["start"])
    texts = {name: text_column(found[name]) for name in found if name in SPANS.keys() - CONVERTED}
    if "failed" in found:
        is_silent = text_column(found["failed"]).fill_null("").str.to_lowercase().is_in(SAYS_NO_MORE)
        texts["status"] = pl.Series(["error"]).zip_with(~is_silent, pl.Series(["unset"]))
    if "http_status" in found:
        texts["http_status"] = text_column(found["http_status"])
    times = {"start_ns": start, "duration_ns": _duration_ns(found, start)}
    described = [column for column in table.columns if column not in columns.values()]
    described += [columns["attributes"]] if "attributes" in found else []
    absent = {name: pl.repeat(None, table.height, dtype=pl.String, eager=True) for name in RECORDED}
    columns_read = absent | texts | times | {"attributes": _attributes(table, described)}
    return pl.DataFrame(columns_read, schema_overrides=RECORDED)


def text_column(column: pl.Series) -> pl.Series:
    """Return a column as texts; bytes that are none, as ids may be, as hexadecimal digits."""
    if column.dtype.is_nested():
        return as_json(column)
    try:
        return column.cast(pl.String)
    except pl.exceptions.ComputeError:
        return column.bin.encode("hex")


def _duration_ns(found: Mapping[str, pl.Series], start: pl.Series) -> pl.Series:
    if "end" in found:
        return epoch_ns(found["end"]) - start
    if "duration" in found:
        return _as_ns(found["duration"], _unit(found["duration"], found["start"]))
    for name in found.keys() & DURATIONS_NS.keys():
        return _as_ns(found[name], DURATIONS_NS[name])
    return pl.repeat(None, len(start), dtype=pl.Int64, eager=True)


def _as_ns(durations: pl.Series, unit_ns: float) -> pl.Series:
    if isinstance(durations.dtype, pl.Duration):
        return durations.dt.total_nanoseconds()
    return (durations.cast(pl.Float64, strict=False) * unit_ns).round().cast(pl.Int64, strict=False)


def _unit(durations: pl.Series, start: pl.Series) -> float:
    """Return the unit in ns of durations that say none: that of the start, if that is a number.

    Beside calendar times it is the nanosecond, as always in the `Duration` of ClickHouse's `otel_traces`.
    """
    if durations.name == "Duration":
        return 1
    numbers = start.cast(pl.Float64, strict=False) if not start.dtype.is_temporal() else start.clear()
    return epoch_unit(numbers) if numbers.count() else 1


def _attributes(table: pl.DataFrame, described: list[str]) -> pl.Series:
    """Return columns as one JSON object a row; of two members of one name the later column's wins."""
    objects = [_objects(table[name]) for name in described if not LEFT_OUT.match(name)]
    if not objects:
        return pl.repeat(None, table.height, dtype=pl.String, eager=True)
    return reduce(joined, reversed(objects))


def _objects(column: pl.Series) -> pl.Series:
    """Return a column of maps, or of single values under the column's name, as JSON objects of texts."""
    if column.dtype.is_nested():
        return map_objects(column)
    text = text_column(column).replace("", None)
    if text.count() and text.drop_nulls().str.starts_with("{").all():
        return map_objects(text)
    return value_objects(text)
