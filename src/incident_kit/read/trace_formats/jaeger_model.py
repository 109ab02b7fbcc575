"""Jaeger's internal model as protobuf JSON: the answers of its gRPC query service, or one span a line.

Ids are base64 here, times are RFC 3339 text, durations carry their unit (`"1s"`), and a tag's value is in the
member of its type (`"vStr":"server"`).
Source: Jaeger, `model.proto` and `api_v2/query.proto`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import joined, service_objects
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.descriptions import from_tags
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.ids import DIGITS, ids_from_base64
from incident_kit.read.spans.json_documents import JsonDialect
from incident_kit.read.spans.members import raw, texts
from incident_kit.read.spans.references import mark_follows_from, nearest
from incident_kit.read.spans.span_events import NO_EVENTS, with_events
from incident_kit.read.spans.times import calendar_ns
from incident_kit.read.trace_formats.jaeger_model_document import (
    ModelSpan,
    SpanWithProcess,
    decode,
    decode_readable,
    decode_span,
)

# For each type of tag: the member with its value, and the default value, which protobuf's JSON omits.
VALUES: Mapping[str, tuple[str, Any]] = {
    "STRING": ("vStr", ""),
    "BOOL": ("vBool", False),
    "INT64": ("vInt64", "0"),
    "FLOAT64": ("vFloat64", 0.0),
    "BINARY": ("vBinary", ""),
}
# Units of durations, in nanoseconds. Protobuf's JSON writes seconds, Go's own JSON writes any unit.
UNITS_NS = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9}
DURATION = re.compile(rb'"duration"\s*:\s*"[0-9.]+(?:n|u|\xc2\xb5|m)?s"')


def _value(tag: Mapping[str, Any]) -> Any:
    member, left_out = VALUES.get(tag.get("vType", "STRING"), VALUES["STRING"])
    return tag.get(member, left_out)


TAG_LIST = ListSyntax(
    before_value=(
        *(f',"vType":"{kind}","{member}":' for kind, (member, _) in VALUES.items()),
        ',"vStr":',
    ),
    closing="}",
    value=_value,
)


def _columns(held: list[SpanWithProcess]) -> pl.DataFrame:
    """Return the recorded values of the spans, one row a span. Tags are still JSON."""
    spans, processes = [span for span, _ in held], [process for _, process in held]
    parents = [nearest(span.references, span.trace_id) if span.references else None for span in spans]
    follows = [to is not None and to.kind == "FOLLOWS_FROM" for to in parents]
    return pl.DataFrame(
        {
            "trace_id": texts([span.trace_id for span in spans]),
            "span_id": texts([span.span_id for span in spans]),
            "parent_span_id": texts([to and to.span_id for to in parents]),
            "follows": pl.Series(follows, dtype=pl.Boolean),
            "service": texts([process.service for process in processes]),
            "name": texts([span.name for span in spans]),
            "start": texts([span.start for span in spans]),
            "duration": texts([span.duration for span in spans]),
            "tags": raw([_described(span) if len(span.logs) > NO_EVENTS else span.tags for span in spans]),
            "process_tags": raw([process.tags for process in processes]),
        }
    )


def _described(span: ModelSpan) -> bytes:
    """Return a span's tags, those of its events and status included."""
    return with_events(span.tags, TAG_LIST, events=span.logs, fields="fields")


def _spans(held: pl.DataFrame) -> pl.DataFrame:
    own, of_process = (attribute_objects(held[name], TAG_LIST) for name in ("tags", "process_tags"))
    recorded = held.select(
        "service",
        "name",
        start_ns=calendar_ns(held["start"]),
        duration_ns=_nanoseconds(held["duration"]),
        attributes=mark_follows_from(own, held["follows"]),
        shared=joined(service_objects(held["service"]), of_process),
        **{name: ids_from_base64(held[name], digits) for name, digits in DIGITS.items()},
    )
    return spans_from(from_tags(recorded))


def _nanoseconds(durations: pl.Series) -> pl.Series:
    """Return the nanoseconds of durations that end with their unit."""
    number = durations.str.extract(r"^([0-9.]+)[a-zµ]+$").cast(pl.Float64, strict=False)
    unit = durations.str.extract(r"([a-zµ]+)$").replace_strict(
        UNITS_NS, default=None, return_dtype=pl.Float64
    )
    return (number * unit).round().cast(pl.Int64)


def _recognises(head: bytes) -> bool:
    return b'"operationName"' in head and DURATION.search(head) is not None


FORMAT = TraceFormat(
    name="jaeger-model",
    description="Jaeger's model as protobuf's JSON: answers of its gRPC query service, or one span a line",
    recognises=_recognises,
    batches=JsonDialect(decode, decode_readable, decode_span, _columns, _spans).batches,
    sample=(
        b'{"spans":[{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=","operationName":"GET /",'
        b'"startTime":"2018-12-13T14:51:00Z","duration":"1s",'
        b'"tags":[{"key":"span.kind","vStr":"server"}],"process":{"serviceName":"shop"}}]}'
    ),
)
