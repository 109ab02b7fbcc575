"""Output of OpenTelemetry's ConsoleSpanExporter for Python: one JSON object a span, pretty-printed or not.

Source: opentelemetry-python, `ReadableSpan.to_json`.
"""

from __future__ import annotations

import re
from typing import Any

import polars as pl
from msgspec import Struct, field

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Id
from incident_kit.read.spans.simple_dialects import dialect_of_spans
from incident_kit.read.spans.span_events import event_attributes, listed_events
from incident_kit.read.spans.times import calendar_ns

BEGINNING = re.compile(rb'"context"\s*:\s*\{\s*"trace_id"\s*:')


class _Context(Struct, gc=False):
    trace_id: Id
    span_id: Id


class _Status(Struct, gc=False):
    status_code: str | None = None
    description: Any = None


class _Span(Struct, gc=False):
    context: _Context
    name: str | None = None
    kind: str | None = None
    parent_span_id: str | None = field(default=None, name="parent_id")
    start: str | None = field(default=None, name="start_time")
    end: str | None = field(default=None, name="end_time")
    status: _Status | None = None
    attributes: dict[str, Any] | None = None
    events: Any = None
    resource: dict[str, Any] | None = None

    def described(self) -> dict[str, Any]:
        """Return the span's attributes, those of its events and status included."""
        events = listed_events(self.events, "attributes", lambda held: held if isinstance(held, dict) else {})
        return event_attributes(self.status and self.status.description, events) | (self.attributes or {})

    def shared(self) -> dict[str, Any]:
        """Return the resource's attributes. Old releases print them without `attributes` around them."""
        resource = self.resource or {}
        held = resource.get("attributes", resource)
        return held if isinstance(held, dict) else {}


def _columns(spans: list[_Span]) -> pl.DataFrame:
    shared = [span.shared() for span in spans]
    start = calendar_ns(pl.Series([span.start for span in spans], dtype=pl.String))
    end = calendar_ns(pl.Series([span.end for span in spans], dtype=pl.String))
    recorded = {
        "trace_id": [span.context.trace_id for span in spans],
        "span_id": [span.context.span_id for span in spans],
        "parent_span_id": [span.parent_span_id for span in spans],
        "service": [resource.get("service.name") for resource in shared],
        "name": [span.name for span in spans],
        "kind": [span.kind for span in spans],
        "start_ns": start,
        "duration_ns": end - start,
        "status": [span.status.status_code if span.status else None for span in spans],
        "attributes": [attributes_json(span.described()) for span in spans],
        "shared": list(map(attributes_json, shared)),
    }
    return pl.DataFrame(recorded, schema=RECORDED, strict=False)


def _recognises(head: bytes) -> bool:
    # Search for plain text first, because that takes half the time of a regular expression, and an archive
    # may have very many small files.
    return b'"context"' in head and BEGINNING.search(head) is not None


FORMAT = TraceFormat(
    name="otel-console",
    description="what OpenTelemetry's ConsoleSpanExporter for Python prints, pretty or one span a line",
    recognises=_recognises,
    batches=dialect_of_spans(_Span, _columns, spans_from).batches,
    sample=(
        b'{"name":"GET /","context":{"trace_id":"0x5b8efff798038103d269b633813fc60c",'
        b'"span_id":"0xeee19b7ec3c1b174","trace_state":"[]"},"kind":"SpanKind.SERVER","parent_id":null,'
        b'"start_time":"2018-12-13T14:51:00.000000Z","end_time":"2018-12-13T14:51:01.000000Z",'
        b'"status":{"status_code":"UNSET"},"attributes":{},"events":[],"links":[],'
        b'"resource":{"attributes":{"service.name":"shop"},"schema_url":""}}'
    ),
)
