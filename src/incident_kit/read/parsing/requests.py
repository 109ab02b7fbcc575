"""Plan how raw values, all of them text, become the columns of REQUESTS."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from incident_kit.read.cutting.plan import Plan, Step, with_steps
from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.read_settings import ReadSettings, ValueReading
from incident_kit.read.parsing.request_steps import STEPS
from incident_kit.read.values.converters import Converter, is_set
from incident_kit.read.values.extra import REST_OF_OBJECT, json_object, members_of_read_extra
from incident_kit.read.values.instants import CLOCKS
from incident_kit.read.values.kinds import TEXT, Kind
from incident_kit.read.values.time_zones import to_utc
from incident_kit.read.values.unread_numbers import unread_numbers
from incident_kit.read.values.upstreams import LISTS
from incident_kit.read.values.zone_names import with_offsets
from incident_kit.schema import REQUESTS, Schema

# Columns that only serve to compute others, `derived` ones too: the request line, `ip:port`, lists of
# attempts, a header that carries a trace id.
INTERMEDIATE = ("request", "client", *LISTS, "trace", "date", "clock", "finish", "is_args")
# A value with one of these names that the format does not define means something else, and goes into `extra`.
RESERVED = ("line_number", "source", "extra", "route_inferred", *INTERMEDIATE)
NUMBERS = frozenset(name for name, column in REQUESTS.items() if column.dtype.is_numeric())
UNREAD = "unread numbers"
UNREADABLE = "unreadable"
"""The column that is true for a line with a time that cannot be read."""


def plan_requests(
    written: Collection[str], log_format: LogFormat, settings: ReadSettings, *, plain: bool
) -> Plan:
    """Plan how the raw values `written` become the wanted columns of REQUESTS, and `UNREADABLE`.

    Raw values are text columns named `$name`. `plain` says that no value needs unescaping or splitting,
    because the fast path has proven it.
    """
    how = ValueReading(log_format, settings, plain)
    typed, extra, times = _typed(written, how)
    steps, known = [typed], {*written, *typed}
    for step in STEPS:
        steps.append(step(known, how))
        known |= steps[-1].keys()
    types = with_steps(pl.LazyFrame(schema=dict.fromkeys(written, pl.String)), steps).collect_schema()
    in_order, possible = _in_utc(types, how), _possible_times(types)
    start = _start_time(known, how)
    last = _last(known | start.keys(), {name: types[RAW + name] for name in extra}, times, settings.used)
    coded = {name: pl.col(name).cast(dtype) for name, dtype in settings.types.items()}
    ends = (in_order, possible, start, last, dict(settings.added), coded)
    return Plan((*steps, *ends), (UNREADABLE, *settings.wanted), frozenset(in_order))


def _typed(written: Collection[str], how: ValueReading) -> tuple[Step, list[str], list[str]]:
    """Return the step that reads each value, the names in `extra`, and the columns of written times."""
    order = {name: place for place, name in enumerate(how.log_format.variables)}
    present = [name.removeprefix(RAW) for name in written if name.startswith(RAW)]
    columns: Step = {}
    given: Step = {}
    extra: Step = {}
    times: Step = {}
    for name in sorted(present, key=lambda name: order.get(name, len(order))):
        variable, raw = how.log_format.variable(name), pl.col(RAW + name)
        written_out = with_offsets(raw, how.settings.tz) if variable.kind.named else raw
        column, value = variable.column, _reading(variable.kind, how)(written_out)
        unknown = name in RESERVED and name not in how.log_format.variables
        if unknown or (column not in REQUESTS and column not in INTERMEDIATE):
            extra[column] = pl.coalesce(extra[column], value) if column in extra else value
        elif column not in columns:
            columns[column], given[column] = value, _is_given(column, raw, value)
        else:
            # In each line, the first variable with a value gives the column; the others are kept in `extra`.
            extra[name] = pl.when(given[column]).then(value)
            columns[column] = pl.when(given[column]).then(columns[column]).otherwise(value)
            given[column] |= _is_given(column, raw, value)
        if column in ("timestamp", "start_time", "date"):
            times[f"written {name}"] = is_set(raw).fill_null(value=False)
    kept = {RAW + name: value for name, value in extra.items()}
    numbers = {} if how.plain else _numbers(present, how)
    lost = {UNREAD: unread_numbers(numbers)} if numbers else {}
    return columns | kept | lost | times, list(extra), list(times)


def _numbers(present: Collection[str], how: ValueReading) -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Return what was written and what was read of each number that no pattern of the layout holds."""
    variables = {name: how.log_format.variable(name) for name in present}
    return {
        name: (pl.col(RAW + name), _reading(variable.kind, how)(pl.col(RAW + name)))
        for name, variable in variables.items()
        if variable.column in NUMBERS and not how.log_format.layout.plain_where_proven
    }


def _is_given(column: str, raw: pl.Expr, value: pl.Expr) -> pl.Expr:
    """Return whether a line's variable gives the column.

    A `timestamp` counts only if it can be read as one, because some logs call a duration a time.
    """
    return (value if column == "timestamp" else raw).is_not_null()


def _reading(kind: Kind, how: ValueReading) -> Converter:
    """Return the function that reads a value; plain values, and text without escapes, skip the unescaping."""
    if (read_in := kind.read_in) is not None:
        return lambda value: read_in(value, how.settings.tz)
    if how.plain or (kind is TEXT and not how.log_format.layout.escaped):
        return kind.read_plain or kind.read
    return kind.read


def _in_utc(types: Mapping[str, pl.DataType], how: ValueReading) -> Step:
    """Convert a time that the format writes without a zone to UTC, from the zone of the log."""
    if "timestamp" not in types or getattr(types["timestamp"], "time_zone", None):
        return {}
    return {"timestamp": to_utc(pl.col("timestamp"), how.settings.tz)}


def _possible_times(types: Mapping[str, pl.DataType]) -> Step:
    """Make a time that no clock can have shown, however a format writes it, one that cannot be read.

    Damage leaves such years as 206 or 0. Python knows no times outside the years 1 to 9999, so one such
    request would stop all that is computed from the others.
    """
    times = [name for name in ("timestamp", "start_time") if isinstance(types.get(name), pl.Datetime)]
    first, last = (clock.year for clock in CLOCKS)
    return {
        name: pl.when(pl.col(name).dt.year().is_between(first, last, closed="left")).then(pl.col(name))
        for name in times
    }


def _start_time(known: set[str], how: ValueReading) -> Step:
    """Derive when the request began: for a log that records the end, subtract the duration.

    A line that records its beginning, and no other time, uses that.
    """
    told = pl.col("start_time") if "start_time" in known else None
    if "timestamp" not in known:
        return {} if told is None else {"timestamp": told}
    start = pl.col("timestamp")
    if how.log_format.timestamp_is == "end" and "duration_ms" in known:
        taken = (pl.col("duration_ms") * 1000).round().fill_null(0).cast(pl.Int64)
        start = start - pl.duration(microseconds=taken)
    if told is None:
        return {"start_time": start}
    return {"timestamp": pl.col("timestamp").fill_null(told), "start_time": told.fill_null(start)}


def _members(known: Collection[str]) -> list[pl.Expr]:
    """Return the texts of those members of `extra` that are written as JSON already."""
    rest = [pl.col(name) for name in (REST_OF_OBJECT, UNREAD) if name in known]
    # A table of requests has an `extra` of its own.
    own = [members_of_read_extra()] if "extra" in known else []
    return rest + own


def _last(
    known: Collection[str], extra: Mapping[str, pl.DataType], times: Sequence[str], columns: Schema
) -> Step:
    """Cast the columns to their types, and put everything else into `extra`."""
    made = {name: pl.col(name) for name in columns if name in known}
    nothing = pl.lit(None)
    # A date without a time of day is a time that cannot be read, too.
    moment = pl.col("timestamp") if "timestamp" in known else nothing
    unreadable = moment.is_null() & pl.any_horizontal(times) if times else pl.lit(value=False)
    made["extra"] = json_object(
        {name: (pl.col(RAW + name), dtype) for name, dtype in extra.items()},
        {"attempts": pl.col("attempts")} if "attempts" in known else {},
        _members(known),
    )
    # An impossible status or port is damage, and must not fail the other lines.
    typed = {
        name: made.get(name, nothing).cast(column.dtype, strict=False) for name, column in columns.items()
    }
    return {UNREADABLE: unreadable, **typed}
