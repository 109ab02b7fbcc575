"""OTLP as JSON: the collector's file exporter, Tempo's `batches`, the streaming API's `result`.

The attributes, most of the bytes, never become Python objects: they stay raw while the rest is decoded,
and `otlp_attributes` rewrites them all at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import joined
from incident_kit.read.spans.columns import RECORDED, kind_names, status_names
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.ids import SPAN_DIGITS, TRACE_DIGITS, ids_from_base64
from incident_kit.read.spans.json_documents import document_batches
from incident_kit.schema import attribute

NO_ATTRIBUTES = Raw(b"[]")


def _plain_value(tagged: Any) -> Any:
    """Return what a tagged value (`{"arrayValue": {"values": [...]}}`) holds, as plain JSON."""
    match tagged:
        case {"arrayValue": held}:
            return [_plain_value(each) for each in held.get("values", [])]
        case {"kvlistValue": held}:
            return {pair["key"]: _plain_value(pair.get("value")) for pair in held.get("values", [])}
        case dict() if tagged:
            return next(iter(tagged.values()))
        case _:
            return ""


OTLP_LIST = ListSyntax(
    before_value=tuple(
        f',"value":{{"{kind}":' for kind in ("stringValue", "intValue", "boolValue", "doubleValue")
    ),
    closing="}}",
    value=lambda pair: _plain_value(pair.get("value")),
)


class _Status(Struct, gc=False):
    code: int | str = 0


class _Span(Struct, gc=False):
    trace_id: str | None = field(default=None, name="traceId")
    span_id: str | None = field(default=None, name="spanId")
    parent_span_id: str | None = field(default=None, name="parentSpanId")
    name: str | None = None
    kind: int | str | None = 0
    start: int | float | None = field(default=None, name="startTimeUnixNano")
    end: int | float | None = field(default=None, name="endTimeUnixNano")
    status: _Status | None = None
    attributes: Raw = NO_ATTRIBUTES


class _Scope(Struct, gc=False):
    spans: list[_Span] = []


class _Resource(Struct, gc=False):
    attributes: Raw = NO_ATTRIBUTES


class _ResourceSpans(Struct, gc=False):
    resource: _Resource | None = None
    scopes: list[_Scope] = field(default=[], name="scopeSpans")
    libraries: list[_Scope] = field(default=[], name="instrumentationLibrarySpans")


class _Result(Struct, gc=False):
    resource_spans: list[_ResourceSpans] = field(default=[], name="resourceSpans")


class _Document(Struct, gc=False):
    resource_spans: list[_ResourceSpans] | None = field(default=None, name="resourceSpans")
    batches: list[_ResourceSpans] | None = None
    result: _Result | None = None
    trace: _Result | None = None


_DECODER = msgspec.json.Decoder(_Document | list[_Document], strict=False)


def _decode(document: bytes) -> Iterator[_ResourceSpans]:
    decoded = _DECODER.decode(document)
    for each in decoded if isinstance(decoded, list) else [decoded]:
        held = each.result or each.trace
        found = each.resource_spans if held is None else held.resource_spans
        found = each.batches if found is None else found
        if found is None:
            raise ValueError("The document holds no resourceSpans, batches or result.")
        yield from found


def _frame(resources: list[_ResourceSpans]) -> pl.DataFrame:
    scopes = [resource.scopes or resource.libraries for resource in resources]
    spans = [span for of_resource in scopes for scope in of_resource for span in scope.spans]
    owners = np.repeat(np.arange(len(scopes)), [sum(len(scope.spans) for scope in each) for each in scopes])
    shared = attribute_objects([(each.resource or _Resource()).attributes for each in resources], OTLP_LIST)
    services = pl.DataFrame({"attributes": shared}).select(attribute("service.name")).to_series()
    start, end = (_column(spans, side, pl.Int64) for side in ("start", "end"))
    codes = [span.status.code if span.status else 0 for span in spans]
    return pl.DataFrame(
        {
            "trace_id": ids_from_base64(_column(spans, "trace_id"), TRACE_DIGITS),
            "span_id": ids_from_base64(_column(spans, "span_id"), SPAN_DIGITS),
            "parent_span_id": ids_from_base64(_column(spans, "parent_span_id"), SPAN_DIGITS),
            "service": services.gather(owners),
            "name": _column(spans, "name"),
            "kind": kind_names(map(attrgetter("kind"), spans)),
            "start_ns": start,
            # A span without an end was still open when it was written.
            "duration_ns": end.replace(0, None) - start,
            "status": status_names(codes),
            "attributes": joined(
                attribute_objects([span.attributes for span in spans], OTLP_LIST), shared.gather(owners)
            ),
        },
        schema_overrides=RECORDED,
    )


def _column(spans: list[_Span], name: str, dtype: type[pl.DataType] = pl.String) -> pl.Series:
    return pl.Series(list(map(attrgetter(name), spans)), dtype=dtype, strict=False)


def _batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
    return document_batches(sources, _decode, _frame)


def _recognises(head: bytes) -> bool:
    return any(key in head for key in (b'"resourceSpans"', b'"scopeSpans"', b'"instrumentationLibrarySpans"'))


FORMAT = TraceFormat(
    name="otlp-json",
    description="OTLP JSON: lines of the collector's file exporter, or one document",
    recognises=_recognises,
    batches=_batches,
    sample=(
        b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},'
        b'"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",'
        b'"name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000",'
        b'"endTimeUnixNano":"1544712661000000000","status":{}}]}]}]}'
    ),
)
