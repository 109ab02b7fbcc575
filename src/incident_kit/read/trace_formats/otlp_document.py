"""Structure of an OTLP JSON document: spans grouped by resource, however they are wrapped.

Attributes are most of the bytes. They stay raw JSON and never become Python objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Generic

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from incident_kit.read.spans.json_documents import Buffer, Id, Span, SpanDecoder

NO_ATTRIBUTES = Raw(b"[]")
NO_EVENTS = Raw()
# A member's name as the protobuf definition spells it (`"trace_id":`). It cannot match inside a string,
# because the first quotation mark would be escaped there.
FIELD_NAME = re.compile(rb'(?<!\\)"([a-z]+(?:_[a-z]+)+)"\s*:')


class _Status(Struct, gc=False):
    code: int | str | None = 0
    message: Any = None


class OtlpSpan(Struct, gc=False):
    """The members of a span that are read. Its attributes and events stay raw JSON."""

    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="spanId")
    parent_span_id: str | None = field(default=None, name="parentSpanId")
    name: str | None = None
    kind: int | str | None = 0
    start: int | float | None = field(default=None, name="startTimeUnixNano")
    end: int | float | None = field(default=None, name="endTimeUnixNano")
    status: _Status | None = None
    attributes: Raw = NO_ATTRIBUTES
    events: Raw = NO_EVENTS


class _Scope(Struct, Generic[Span], gc=False):
    spans: list[Span] | None = None


class Resource(Struct, gc=False):
    """The resource that recorded a span."""

    attributes: Raw = NO_ATTRIBUTES


class _ResourceSpans(Struct, Generic[Span], gc=False):
    resource: Resource | None = None
    scopes: list[_Scope[Span]] | None = field(default=None, name="scopeSpans")
    libraries: list[_Scope[Span]] | None = field(default=None, name="instrumentationLibrarySpans")

    def spans(self) -> Iterator[Span]:
        """Yield the spans of all scopes."""
        for scope in chain(self.scopes or (), self.libraries or ()):
            yield from scope.spans or ()


class _Document(_ResourceSpans[Span], Generic[Span], gc=False):
    """A TracesData, the object that an API wraps it in, or one ResourceSpans alone."""

    resource_spans: list[_ResourceSpans[Span]] | UnsetType | None = field(default=UNSET, name="resourceSpans")
    batches: list[_ResourceSpans[Span]] | None = None
    result: _Document[Span] | None = None
    trace: _Document[Span] | None = None
    data: _Document[Span] | None = None
    found: _Document[Span] | None = field(default=None, name="spans")

    def held(self) -> Iterable[_ResourceSpans[Span]]:
        """Return the spans of the document, grouped by resource.

        Raises
        ------
        ValueError
            If the document has none of the members that may hold them.
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
decode_span = _SPAN_DECODER.decode
# The attributes of a resource, as raw JSON, and its spans.
SpansOfResource = tuple[Raw, list[OtlpSpan]]


def decode(document: Buffer) -> Iterator[SpansOfResource]:
    """Yield the spans of a document by resource. Raise if one of them cannot be read."""
    for each in _resource_spans(_DECODER.decode(document)):
        yield _shared(each), list(each.spans())


def decode_readable(document: Buffer, span_decoder: SpanDecoder[OtlpSpan]) -> Iterator[SpansOfResource]:
    """Yield the readable spans of a document, whose members may have the names of the protobuf fields."""
    for each in _resource_spans(_LOOSE_DECODER.decode(with_json_names(document))):
        yield _shared(each), span_decoder(each.spans())


def with_json_names(document: Buffer) -> bytes:
    """Return a document with protobuf's field names in their JSON spelling: `"trace_id":` as `"traceId":`."""
    return FIELD_NAME.sub(_json_name, bytes(document))


def _json_name(field_name: re.Match[bytes]) -> bytes:
    first, *others = field_name[1].split(b"_")
    return b'"' + first + b"".join(each.capitalize() for each in others) + b'":'


def _shared(spans: _ResourceSpans[Any]) -> Raw:
    return spans.resource.attributes if spans.resource else NO_ATTRIBUTES


def _resource_spans(decoded: _Document[Span] | list[_Document[Span]]) -> Iterator[_ResourceSpans[Span]]:
    for each in decoded if isinstance(decoded, list) else [decoded]:
        yield from each.held()
