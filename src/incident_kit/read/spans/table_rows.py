"""Turn the rows of a table of spans into recorded values; columns without a meaning become attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce

import polars as pl

from incident_kit.read.spans.attribute_text import joined
from incident_kit.read.spans.columns import RECORDED
from incident_kit.read.spans.descriptions import from_tags
from incident_kit.read.spans.event_columns import event_objects
from incident_kit.read.spans.ids import TRACE_DIGITS
from incident_kit.read.spans.map_columns import as_json, map_objects, value_objects
from incident_kit.read.spans.span_events import DESCRIPTION
from incident_kit.read.spans.times import epoch_ns, epoch_unit
from incident_kit.schema import SPANS

INFERRED_FROM = ("pod", "url")
CONVERTED = {"start", "duration_ms", "attributes", "http_status"}
DURATIONS_NS = {"duration_ns": 1, "duration_us": 1e3, "duration_ms": 1e6, "duration_s": 1e9}
# Columns of `otel_traces` about a span's events and links, not about the span.
LEFT_OUT = re.compile(r"^(Events|Links)\b", re.IGNORECASE)
# The one among them that tells of the span, and the column of its status's description.
OF_EVENTS, OF_STATUS = "events.attributes", "statusmessage"
# Columns, and the tags that say the same where a table has the tags as attributes.
TAGGED = {"kind": ("span.kind",), "status": ("otel.status_code", "error")}
# How OpenSearch's Data Prepper names the columns of attributes.
OF_ATTRIBUTES = re.compile(r"^(?:span|resource)\.attributes\.")
SAYS_NO_MORE = ("", "0", "false", "none", "null")
NO_SUCCESS = ("0", "false")
ERROR, UNSET = pl.Series(["error"]), pl.Series(["unset"])
# The parents that tables write for a root span.
NO_PARENT = ("root", "none", "null", "nan", "-", "-1")
# The suffix that Kubernetes adds to the name of a deployment or a stateful set for a pod's name.
OF_POD = r"-(?:[0-9a-f]{6,10}-[0-9a-z]{5}|[0-9]+)$"
AUTHORITY = r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*"
# A status code of three digits is HTTP's. One of 3 to 16 is gRPC's, as OpenTelemetry's status codes are only
# 0 to 2. 1 is gRPC's CANCELLED only in a table that has such gRPC codes.
HTTP_STATUS = r"^[1-5][0-9]{2}(?:\.0)?$"
HTTP_CODE, GRPC_CODE, CANCELLED = r"^[1-5][0-9]{2}$", r"^(?:[3-9]|1[0-6])$", "1"


def recorded_rows(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """Return the recorded values of a table's rows (columns of RECORDED), with `columns` as its mapping."""
    found = {name: table[column] for name, column in columns.items() if column in table.columns}
    start = epoch_ns(found["start"])
    texts = {name: text_column(found[name]) for name in found if name in SPANS.keys() - CONVERTED}
    texts |= _inferred(found, texts) | _outcome(found)
    times = {"start_ns": start, "duration_ns": _duration_ns(found, start)}
    taken = {column for name, column in columns.items() if name not in INFERRED_FROM}
    described = [column for column in table.columns if column not in taken]
    described += [columns["attributes"]] if "attributes" in found else []
    absent = {name: pl.repeat(None, table.height, dtype=pl.String, eager=True) for name in RECORDED}
    columns_read = absent | texts | times | {"attributes": _attributes(table, described)}
    return _with_tags(pl.DataFrame(columns_read, schema_overrides=RECORDED))


def _with_tags(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return recorded values with kind and status taken from the attributes, where no column has them."""
    absent = [name for name in TAGGED if recorded[name].null_count() == recorded.height]
    held = recorded["attributes"].fill_null("").str
    absent = [name for name in absent if held.contains_any([f'"{tag}":' for tag in TAGGED[name]]).any()]
    if not absent:
        return recorded
    tagged = from_tags(recorded.with_columns(pl.col("attributes").fill_null("{}")))
    return recorded.with_columns(tagged.select("attributes", *absent))


def _inferred(found: Mapping[str, pl.Series], texts: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Return the parents without placeholders, the services of pods, and names from the paths of URLs."""
    inferred: dict[str, pl.Series] = {}
    if "parent_span_id" in texts:
        parent = texts["parent_span_id"]
        is_none = parent.str.to_lowercase().is_in(NO_PARENT) | (
            # Application Insights writes the trace's id at the root.
            (parent == texts["trace_id"]) & (parent.str.len_chars() == TRACE_DIGITS)
        )
        inferred["parent_span_id"] = parent.set(is_none.fill_null(value=False), None)
    if "pod" in found:
        service = text_column(found["pod"]).str.replace(OF_POD, "")
        own = texts.get("service")
        inferred["service"] = service if own is None else own.replace("", None).fill_null(service)
    if "url" in found and "name" not in texts:
        path = text_column(found["url"]).str.replace(AUTHORITY, "")
        inferred["name"] = path.str.extract("^([^?#]+)")
    return inferred


def _outcome(found: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
    """Return status and HTTP status. A table may have one of them, or both in one column."""
    outcome: dict[str, pl.Series] = {}
    if "failed" in found:
        failed = ~text_column(found["failed"]).fill_null("").str.to_lowercase().is_in(SAYS_NO_MORE)
        outcome["status"] = ERROR.zip_with(failed, UNSET)
    if "succeeded" in found:
        failed = text_column(found["succeeded"]).fill_null("").str.to_lowercase().is_in(NO_SUCCESS)
        outcome["status"] = ERROR.zip_with(failed, UNSET)
    if "status" in found:
        code = text_column(found["status"]).str.replace(r"^([0-9]+)\.0$", "$1")
        of_http, of_grpc = (code.str.contains(form).fill_null(value=False) for form in (HTTP_CODE, GRPC_CODE))
        failed = of_grpc | ((code == CANCELLED).fill_null(value=False) & bool(of_grpc.any()))
        outcome["status"] = code.set(of_http, None).set(failed, "error")
        outcome |= {"http_status": code.set(~of_http, None)} if of_http.any() else {}
    if "http_status" in found:
        # A call that is not HTTP may have another code in the same column, or 0.
        code = text_column(found["http_status"])
        outcome["http_status"] = code.set(~code.str.contains(HTTP_STATUS).fill_null(value=True), None)
    return outcome


def text_column(column: pl.Series) -> pl.Series:
    """Return a column as texts. Bytes that are no text, as ids may be, become hexadecimal digits."""
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
    """Return the unit in ns of durations that name none: that of the start times, if those are numbers.

    Beside calendar times it is the nanosecond, as always in the `Duration` of ClickHouse's `otel_traces`.
    """
    if durations.name == "Duration":
        return 1
    numbers = start.cast(pl.Float64, strict=False) if not start.dtype.is_temporal() else start.clear()
    return epoch_unit(numbers) if numbers.count() else 1


def _attributes(table: pl.DataFrame, described: list[str]) -> pl.Series:
    """Return columns as one JSON object a row. Of two members with one name, the later column's wins."""
    objects = [_objects(table[name].alias(_named(name))) for name in described if not LEFT_OUT.match(name)]
    of_events = (name for name in described if name.lower() == OF_EVENTS)
    objects = [*(event_objects(text_column(table[name])) for name in of_events), *objects]
    if not objects:
        return pl.repeat(None, table.height, dtype=pl.String, eager=True)
    return reduce(joined, reversed(objects))


def _named(column: str) -> str:
    """Return the name of the attribute in a column."""
    if column.lower() == OF_STATUS:
        return DESCRIPTION
    bare = OF_ATTRIBUTES.sub("", column)
    return column if bare == column else bare.replace("@", ".")


def _objects(column: pl.Series) -> pl.Series:
    """Return a column as JSON objects of texts: maps as they are, single values under the column's name."""
    if column.dtype.is_nested():
        return map_objects(column)
    text = text_column(column).replace("", None)
    if text.count() and text.drop_nulls().str.starts_with("{").all():
        return map_objects(text)
    return value_objects(text)
