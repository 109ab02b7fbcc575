"""Output of OpenTelemetry's stdouttrace exporter for Go: one JSON object a span, pretty-printed or not.

Source: opentelemetry-go, `exporters/stdout/stdouttrace`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct, field

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Id
from incident_kit.read.spans.members import texts
from incident_kit.read.spans.simple_dialects import dialect_of_spans
from incident_kit.read.spans.span_events import event_attributes, listed_events
from incident_kit.read.spans.times import calendar_ns

BEGINNING = re.compile(rb'"SpanContext"\s*:\s*\{\s*"TraceID"\s*:')
# The end of a span that was still open: Go's zero time.
NEVER = "0001-01-01T00:00:00Z"


class _Context(Struct, gc=False):
    trace_id: Id = field(name="TraceID")
    span_id: Id = field(name="SpanID")


class _Parent(Struct, gc=False):
    span_id: str | None = field(default=None, name="SpanID")


class _Status(Struct, gc=False):
    code: str | None = field(default=None, name="Code")
    description: Any = field(default=None, name="Description")


class _Value(Struct, gc=False):
    value: Any = field(default="", name="Value")


class _Attribute(Struct, gc=False):
    key: str = field(name="Key")
    value: _Value = field(name="Value")


class _Span(Struct, gc=False):
    context: _Context = field(name="SpanContext")
    parent: _Parent | None = field(default=None, name="Parent")
    name: str | None = field(default=None, name="Name")
    kind: int | str | None = field(default=None, name="SpanKind")
    start: str | None = field(default=None, name="StartTime")
    end: str | None = field(default=None, name="EndTime")
    status: _Status | None = field(default=None, name="Status")
    attributes: list[_Attribute] | None = field(default=None, name="Attributes")
    events: Any = field(default=None, name="Events")
    resource: list[_Attribute] | None = field(default=None, name="Resource")

    def described(self) -> dict[str, Any]:
        """Return the span's attributes, those of its events and status included."""
        events = listed_events(self.events, "Attributes", _fields, name="Name")
        told = event_attributes(self.status and self.status.description, events)
        return told | _members(self.attributes)


def _columns(spans: list[_Span]) -> pl.DataFrame:
    shared = [_members(span.resource) for span in spans]
    start = calendar_ns(pl.Series([span.start for span in spans], dtype=pl.String))
    end = calendar_ns(pl.Series([span.end for span in spans], dtype=pl.String).replace(NEVER, None))
    recorded = {
        "trace_id": [span.context.trace_id for span in spans],
        "span_id": [span.context.span_id for span in spans],
        "parent_span_id": [span.parent.span_id if span.parent else None for span in spans],
        "service": [resource.get("service.name") for resource in shared],
        "name": [span.name for span in spans],
        "kind": texts([span.kind for span in spans]),
        "start_ns": start,
        "duration_ns": end - start,
        "status": [span.status.code.lower() if span.status and span.status.code else None for span in spans],
        "attributes": [attributes_json(span.described()) for span in spans],
        "shared": list(map(attributes_json, shared)),
    }
    return pl.DataFrame(recorded, schema=RECORDED, strict=False)


def _members(attributes: Iterable[_Attribute] | None) -> dict[str, Any]:
    return {each.key: each.value.value for each in attributes or ()}


def _fields(attributes: Any) -> dict[str, Any]:
    """Return the fields of an event, as far as they can be read."""
    try:
        return _members(msgspec.convert(attributes, list[_Attribute] | None))
    except msgspec.ValidationError:
        return {}


def _recognises(head: bytes) -> bool:
    # Search for plain text first, because that takes half the time of a regular expression, and an archive
    # may have very many small files.
    return b'"SpanContext"' in head and BEGINNING.search(head) is not None


FORMAT = TraceFormat(
    name="otel-go-console",
    description="what OpenTelemetry's stdouttrace exporter for Go prints, pretty or one span a line",
    recognises=_recognises,
    batches=dialect_of_spans(_Span, _columns, spans_from).batches,
    sample=(
        b'{"Name":"GET /","SpanContext":{"TraceID":"5b8efff798038103d269b633813fc60c",'
        b'"SpanID":"eee19b7ec3c1b174","TraceFlags":"01","TraceState":"","Remote":false},'
        b'"Parent":{"TraceID":"00000000000000000000000000000000","SpanID":"0000000000000000",'
        b'"TraceFlags":"00","TraceState":"","Remote":false},"SpanKind":2,'
        b'"StartTime":"2018-12-13T14:51:00Z","EndTime":"2018-12-13T14:51:01Z","Attributes":null,'
        b'"Events":null,"Links":null,"Status":{"Code":"Unset","Description":""},'
        b'"Resource":[{"Key":"service.name","Value":{"Type":"STRING","Value":"shop"}}]}'
    ),
)
