"""Jaeger's own model as protobuf's JSON: what its gRPC query service answers, or one span a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any, Generic

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import joined, service_objects
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.descriptions import from_tags
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.ids import SPAN_DIGITS, TRACE_DIGITS, ids_from_base64
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Sieve, Span
from incident_kit.read.spans.references import Reference, nearest, with_follows
from incident_kit.read.spans.times import calendar_ns

NO_TAGS = Raw(b"[]")
# By the type of a tag: the member that holds its value, and the value that protobuf's JSON leaves out.
VALUES: Mapping[str, tuple[str, Any]] = {
    "STRING": ("vStr", ""),
    "BOOL": ("vBool", False),
    "INT64": ("vInt64", "0"),
    "FLOAT64": ("vFloat64", 0.0),
    "BINARY": ("vBinary", ""),
}
# What a duration is written in, in nanoseconds: protobuf's JSON has seconds, Go's own any unit.
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


class _Reference(Reference, gc=False):
    span_id: str = field(default="", name="spanId")
    trace_id: str = field(default="", name="traceId")


class _Process(Struct, gc=False):
    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS


class _Span(Struct, gc=False):
    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="spanId")
    name: str | None = field(default=None, name="operationName")
    references: list[_Reference] | None = None
    start: str | None = field(default=None, name="startTime")
    duration: str | None = None
    tags: Raw = NO_TAGS
    process: _Process | None = None
    process_id: str | None = field(default=None, name="processId")


class _MappedProcess(Struct, gc=False):
    process_id: str | None = field(default=None, name="processId")
    process: _Process | None = None


class _Document(Struct, Generic[Span], gc=False):
    """A Trace or a chunk of one, or what an API wraps it in."""

    spans: list[Span] | None = None
    processes: list[_MappedProcess] | None = field(default=None, name="processMap")
    result: _Document[Span] | None = None
    trace_id: Raw = field(default=Raw(), name="traceId")


_DECODER = msgspec.json.Decoder(_Document[_Span] | list[_Span], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(_Span, strict=False)
# A span and the process that it ran in.
_Held = tuple[_Span, _Process]


def _decode(document: Buffer) -> Iterator[_Held]:
    decoded = _DECODER.decode(document)
    if isinstance(decoded, list):
        yield from _with_processes(decoded)
    elif decoded.trace_id:
        yield from _with_processes([_SPAN_DECODER.decode(document)])
    else:
        chunk = _chunk(decoded)
        yield from _with_processes(chunk.spans or [], chunk.processes)


def _decode_good(document: Buffer, sieve: Sieve[_Span]) -> Iterator[_Held]:
    decoded = _LOOSE_DECODER.decode(document)
    if isinstance(decoded, list):
        yield from _with_processes(sieve(decoded))
    else:
        chunk = _chunk(decoded)
        yield from _with_processes(sieve(chunk.spans or []), chunk.processes)


def _chunk(document: _Document[Span]) -> _Document[Span]:
    chunk = document.result or document
    if chunk.spans is None:
        raise ValueError("The document holds no spans, result or traceId.")
    return chunk


def _with_processes(spans: list[_Span], mapped: list[_MappedProcess] | None = None) -> Iterator[_Held]:
    processes = {each.process_id: each.process for each in mapped or ()}
    for span in spans:
        yield span, span.process or processes.get(span.process_id) or _Process()


def _frame(held: list[_Held]) -> pl.DataFrame:
    spans, processes = [span for span, _ in held], [process for _, process in held]
    parents = [nearest(span.references, span.trace_id) if span.references else None for span in spans]
    parent_ids = pl.Series([to.span_id if to else None for to in parents], dtype=pl.String)
    ids = {name: _texts(spans, name) for name in ("trace_id", "span_id")}
    follows = pl.Series([to is not None and to.kind == "FOLLOWS_FROM" for to in parents], dtype=pl.Boolean)
    recorded = {
        "trace_id": ids_from_base64(ids["trace_id"], TRACE_DIGITS),
        "span_id": ids_from_base64(ids["span_id"], SPAN_DIGITS),
        "parent_span_id": ids_from_base64(parent_ids, SPAN_DIGITS),
        "service": _texts(processes, "service"),
        "name": _texts(spans, "name"),
        "kind": None,
        "start_ns": calendar_ns(_texts(spans, "start")),
        "duration_ns": _nanoseconds(_texts(spans, "duration")),
        "status": None,
        "attributes": with_follows(_tags(spans), follows),
        "shared": joined(service_objects(each.service for each in processes), _tags(processes)),
    }
    return spans_from(from_tags(pl.DataFrame(recorded, schema=RECORDED, strict=False)))


def _texts(held: list[_Span] | list[_Process], name: str) -> pl.Series:
    return pl.Series(list(map(attrgetter(name), held)), dtype=pl.String)


def _tags(tagged: list[_Span] | list[_Process]) -> pl.Series:
    return attribute_objects(list(map(attrgetter("tags"), tagged)), TAG_LIST)


def _nanoseconds(durations: pl.Series) -> pl.Series:
    """Return nanoseconds for numbers with their unit behind."""
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
    batches=JsonDialect(_decode, _decode_good, _SPAN_DECODER.decode, _frame).batches,
    sample=(
        b'{"spans":[{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"7uGbfsPBsXQ=","operationName":"GET /",'
        b'"startTime":"2018-12-13T14:51:00Z","duration":"1s",'
        b'"tags":[{"key":"span.kind","vStr":"server"}],"process":{"serviceName":"shop"}}]}'
    ),
)
