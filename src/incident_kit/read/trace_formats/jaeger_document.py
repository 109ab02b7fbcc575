"""Structure of a Jaeger JSON document: traces, in each of the ways in which they may be wrapped.

Tags, references and processes stay raw JSON, because they are read later in all spans at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic

import msgspec
from msgspec import Raw, Struct, field

from incident_kit.read.spans.json_documents import Buffer, Id, Span, SpanDecoder
from incident_kit.read.spans.references import NO_REFERENCES

NO_TAGS = Raw(b"[]")
NOTHING = Raw()


class JaegerSpan(Struct, gc=False):
    """The members of a span that are read."""

    trace_id: Id = field(name="traceID")
    span_id: Id = field(name="spanID")
    parent_span_id: str | None = field(default=None, name="parentSpanID")
    name: str | None = field(default=None, name="operationName")
    start: int | float | None = field(default=None, name="startTime")
    duration: int | float | None = None
    references: Raw = NO_REFERENCES
    tags: Raw = NO_TAGS
    # Elasticsearch may store tags as the fields of an object, with dots replaced, and the process in the
    # span.
    fields: Raw = field(default=NOTHING, name="tag")
    logs: Raw = NOTHING
    process: Raw = NOTHING
    process_id: str | None = field(default=None, name="processID")


class JaegerTrace(Struct, Generic[Span], gc=False):
    """The spans of a trace and the processes that they refer to."""

    spans: list[Span] | None = None
    processes: Raw = NOTHING


class _Error(Struct, gc=False):
    said: str = field(default="", name="msg")


class _Hit(Struct, Generic[Span], gc=False):
    source: Span = field(name="_source")


class _Hits(Struct, Generic[Span], gc=False):
    hits: list[_Hit[Span]] = []


class _Document(Struct, Generic[Span], gc=False):
    data: list[JaegerTrace[Span]] | JaegerTrace[Span] | None = None
    traces: list[JaegerTrace[Span]] | None = None
    spans: list[Span] | None = None
    batch: list[Span] | None = field(default=None, name="Spans")
    processes: Raw = NOTHING
    source: Span | None = field(default=None, name="_source")
    hits: _Hits[Span] | None = None
    trace_id: Raw = field(default=NOTHING, name="traceID")
    errors: list[_Error] | None = None


_DECODER = msgspec.json.Decoder(_Document[JaegerSpan] | list[Raw], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(JaegerSpan, strict=False)
decode_span = _SPAN_DECODER.decode


def decode(document: Buffer) -> list[JaegerTrace[JaegerSpan]]:
    """Return the traces of a document. Raise if one of its spans cannot be read."""
    return _traces(document, _DECODER, decode_span)


def decode_readable(
    document: Buffer, span_decoder: SpanDecoder[JaegerSpan]
) -> Iterator[JaegerTrace[JaegerSpan]]:
    """Yield the traces of a document with only those spans that can be read."""
    for trace in _traces(document, _LOOSE_DECODER, Raw):
        yield JaegerTrace(span_decoder(trace.spans or ()), trace.processes)


def _traces(
    document: Buffer,
    decoder: msgspec.json.Decoder[_Document[Span] | list[Raw]],
    as_span: Callable[[Buffer], Span],
) -> list[JaegerTrace[Span]]:
    """Return the traces of a document, however they are wrapped.

    `as_span` decodes a document that is a span itself.
    """
    decoded = decoder.decode(document)
    if isinstance(decoded, list):
        return [trace for each in decoded for trace in _traces(each, decoder, as_span)]
    if (traces := decoded.traces if decoded.data is None else decoded.data) is not None:
        return traces if isinstance(traces, list) else [traces]
    if (spans := decoded.batch if decoded.spans is None else decoded.spans) is not None:
        return [JaegerTrace(spans, decoded.processes)]
    if decoded.hits:
        return [JaegerTrace([hit.source for hit in decoded.hits.hits])]
    if decoded.source:
        return [JaegerTrace([decoded.source])]
    if decoded.trace_id:
        return [JaegerTrace([as_span(document)])]
    if decoded.errors:
        raise ValueError(f"Jaeger answered: {'; '.join(error.said for error in decoded.errors)}.")
    raise ValueError("The document holds no data, traces, spans, hits or traceID.")
