"""OTLP as JSON: the collector's file exporter, Tempo's `batches`, the streaming API's `result`.

The attributes, most of the bytes, never become Python objects: they stay raw while the rest is decoded,
and `otlp_attributes` rewrites them all at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, Generic

import msgspec
import numpy as np
import polars as pl
from msgspec import UNSET, Raw, Struct, UnsetType, field

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.descriptions import Numbers, distinct, distinct_rows
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.ids import SPAN_DIGITS, TRACE_DIGITS, ids_from_base64
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Sieve, Span
from incident_kit.schema import attribute

HOLDERS = ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans", "resource_spans", "scope_spans")
# What Tempo answers for a trace without spans.
EMPTY_ANSWER = re.compile(rb'\s*\{\s*(?:"trace"\s*:\s*\{\s*)?"batches"\s*:\s*\[\s*\]')
NO_ATTRIBUTES = Raw(b"[]")
# A member's name as the protobuf file spells it; inside a string its first quotation mark would be escaped.
FIELD_NAME = re.compile(rb'(?<!\\)"([a-z]+(?:_[a-z]+)+)"\s*:')


def _plain_value(tagged: Any) -> Any:
    """Return what a tagged value (`{"arrayValue": {"values": [...]}}`) holds, as plain JSON."""
    match tagged:
        case {"arrayValue": held}:
            return [_plain_value(each) for each in _values(held)]
        case {"kvlistValue": held}:
            return {pair["key"]: _plain_value(pair.get("value")) for pair in _values(held) if "key" in pair}
        case {"bytesValue": held} | {"stringValue": held}:
            return "" if held is None else held
        case dict():
            return next(iter(tagged.values()), "")
        case None:
            return ""
        case _:  # not tagged at all
            return tagged


def _values(held: Any) -> list[Any]:
    return (held.get("values") or []) if isinstance(held, dict) else []


OTLP_LIST = ListSyntax(
    before_value=tuple(
        f',"value":{{"{kind}":' for kind in ("stringValue", "intValue", "boolValue", "doubleValue")
    ),
    closing="}}",
    value=lambda pair: _plain_value(pair.get("value")),
)


class _Status(Struct, gc=False):
    code: int | str | None = 0


class OtlpSpan(Struct, gc=False):
    """What is read of a span; its attributes stay raw."""

    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="spanId")
    parent_span_id: str | None = field(default=None, name="parentSpanId")
    name: str | None = None
    kind: int | str | None = 0
    start: int | float | None = field(default=None, name="startTimeUnixNano")
    end: int | float | None = field(default=None, name="endTimeUnixNano")
    status: _Status | None = None
    attributes: Raw = NO_ATTRIBUTES


class _Scope(Struct, Generic[Span], gc=False):
    spans: list[Span] | None = None


class Resource(Struct, gc=False):
    """What recorded a span."""

    attributes: Raw = NO_ATTRIBUTES


class _ResourceSpans(Struct, Generic[Span], gc=False):
    resource: Resource | None = None
    scopes: list[_Scope[Span]] | None = field(default=None, name="scopeSpans")
    libraries: list[_Scope[Span]] | None = field(default=None, name="instrumentationLibrarySpans")

    def spans(self) -> Iterator[Span]:
        """Yield the spans of all scopes."""
        for scope in self.scopes or self.libraries or ():
            yield from scope.spans or ()


class _Document(_ResourceSpans[Span], Generic[Span], gc=False):
    """A TracesData, what an API wraps it in, or one ResourceSpans alone."""

    resource_spans: list[_ResourceSpans[Span]] | UnsetType | None = field(default=UNSET, name="resourceSpans")
    batches: list[_ResourceSpans[Span]] | None = None
    result: _Document[Span] | None = None
    trace: _Document[Span] | None = None
    data: _Document[Span] | None = None
    found: _Document[Span] | None = field(default=None, name="spans")

    def held(self) -> Iterable[_ResourceSpans[Span]]:
        """Return the resources' spans.

        Raises
        ------
        ValueError
            If the document holds none of the names for them.
        """
        if self.resource_spans is not UNSET:
            return self.resource_spans or ()
        if self.batches is not None:
            return self.batches
        if self.scopes is not None or self.libraries is not None:
            return [self]
        if wrapped := self.result or self.trace or self.data or self.found:
            return wrapped.held()
        raise ValueError("The document holds no resourceSpans, batches or result.")


_DECODER = msgspec.json.Decoder(_Document[OtlpSpan] | list[_Document[OtlpSpan]], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[_Document[Raw]], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(OtlpSpan, strict=False)
# A resource's attributes, raw, and its spans.
Held = tuple[Raw, list[OtlpSpan]]


def _decode(document: Buffer) -> Iterator[Held]:
    for each in _resource_spans(_DECODER.decode(document)):
        yield _shared(each), list(each.spans())


def _decode_good(document: Buffer, sieve: Sieve[OtlpSpan]) -> Iterator[Held]:
    """Yield what is good in a document, in which names may also be those of the protobuf fields."""
    for each in _resource_spans(_LOOSE_DECODER.decode(with_json_names(document))):
        yield _shared(each), sieve(each.spans())


def with_json_names(document: Buffer) -> bytes:
    """Return a document with the JSON names of protobuf fields: `"trace_id":` is `"traceId":`."""
    return FIELD_NAME.sub(_json_name, bytes(document))


def _json_name(field_name: re.Match[bytes]) -> bytes:
    first, *others = field_name[1].split(b"_")
    return b'"' + first + b"".join(each.capitalize() for each in others) + b'":'


def _shared(spans: _ResourceSpans[Any]) -> Raw:
    return spans.resource.attributes if spans.resource else NO_ATTRIBUTES


def _resource_spans(decoded: _Document[Span] | list[_Document[Span]]) -> Iterator[_ResourceSpans[Span]]:
    for each in decoded if isinstance(decoded, list) else [decoded]:
        yield from each.held()


def otlp_frame(resources: list[Held]) -> pl.DataFrame:
    """Return SPANS for the spans of many resources."""
    spans = [span for _, of_resource in resources for span in of_resource]
    start, end = (_column(spans, side, pl.Int64) for side in ("start", "end"))
    recorded = {
        "trace_id": ids_from_base64(_column(spans, "trace_id"), TRACE_DIGITS),
        "span_id": ids_from_base64(_column(spans, "span_id"), SPAN_DIGITS),
        "parent_span_id": ids_from_base64(_column(spans, "parent_span_id"), SPAN_DIGITS),
        "name": _column(spans, "name"),
        "kind": _column(spans, "kind"),
        "start_ns": start,
        # A span without an end was still open when it was written.
        "duration_ns": end.replace(0, None) - start,
        "status": _statuses(spans),
    }
    return spans_from(pl.DataFrame(recorded), *_descriptions(spans, resources))


def _descriptions(spans: list[OtlpSpan], resources: list[Held]) -> tuple[pl.DataFrame, Numbers]:
    """Return the distinct descriptions of spans and their resources, and the number of each span's own."""
    shared = distinct([attributes for attributes, _ in resources])
    owners = np.repeat(shared.number, [len(of_resource) for _, of_resource in resources])
    own = distinct(list(map(attrgetter("attributes"), spans)))
    row, number = distinct_rows(own.number, owners)
    held = pl.DataFrame({"shared": attribute_objects(shared.things, OTLP_LIST)})
    described = held.with_columns(attribute("service.name", "shared").alias("service"))[owners[row]]
    objects = attribute_objects(own.things, OTLP_LIST).gather(own.number[row])
    return described.with_columns(attributes=objects), number


def _statuses(spans: list[OtlpSpan]) -> pl.Series:
    codes = [span.status.code if span.status else 0 for span in spans]
    return pl.Series(codes, dtype=pl.String, strict=False)


def _column(spans: list[OtlpSpan], name: str, dtype: type[pl.DataType] = pl.String) -> pl.Series:
    return pl.Series(list(map(attrgetter(name), spans)), dtype=dtype, strict=False)


def _recognises(head: bytes) -> bool:
    return any(f'"{name}"'.encode() in head for name in HOLDERS) or EMPTY_ANSWER.match(head) is not None


FORMAT = TraceFormat(
    name="otlp-json",
    description="OTLP JSON: lines of the collector's file exporter, or one document",
    recognises=_recognises,
    batches=JsonDialect(_decode, _decode_good, _SPAN_DECODER.decode, otlp_frame).batches,
    sample=(
        b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},'
        b'"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",'
        b'"name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000",'
        b'"endTimeUnixNano":"1544712661000000000","status":{}}]}]}]}'
    ),
)
