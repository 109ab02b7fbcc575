"""Structure of a document of Jaeger's model: spans in a trace, in a chunk of a trace, in a list, or alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic

import msgspec
from msgspec import Raw, Struct, field

from incident_kit.read.spans.json_documents import Buffer, Id, Span, SpanDecoder
from incident_kit.read.spans.references import Reference

NO_TAGS = Raw(b"[]")
NO_LOGS = Raw()


class _Reference(Reference, gc=False):
    span_id: str = field(default="", name="spanId")
    trace_id: str = field(default="", name="traceId")


class ModelProcess(Struct, gc=False):
    """The process that recorded a span."""

    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS


class ModelSpan(Struct, gc=False):
    """The members of a span that are read."""

    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="spanId")
    name: str | None = field(default=None, name="operationName")
    references: list[_Reference] | None = None
    start: str | None = field(default=None, name="startTime")
    duration: str | None = None
    tags: Raw = NO_TAGS
    logs: Raw = NO_LOGS
    process: ModelProcess | None = None
    process_id: str | None = field(default=None, name="processId")


class _MappedProcess(Struct, gc=False):
    process_id: str | None = field(default=None, name="processId")
    process: ModelProcess | None = None


class _Document(Struct, Generic[Span], gc=False):
    """A trace or a chunk of one, or the object that an API wraps it in."""

    spans: list[Span] | None = None
    processes: list[_MappedProcess] | None = field(default=None, name="processMap")
    result: _Document[Span] | None = None
    trace_id: Raw = field(default=Raw(), name="traceId")


_DECODER = msgspec.json.Decoder(_Document[ModelSpan] | list[ModelSpan], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(ModelSpan, strict=False)
decode_span = _SPAN_DECODER.decode
# A span and the process that it ran in.
SpanWithProcess = tuple[ModelSpan, ModelProcess]


def decode(document: Buffer) -> Iterator[SpanWithProcess]:
    """Yield the spans of a document, each with its process. Raise if one of them cannot be read."""
    decoded = _DECODER.decode(document)
    if isinstance(decoded, list):
        yield from _with_processes(decoded)
    elif decoded.trace_id:
        yield from _with_processes([_SPAN_DECODER.decode(document)])
    else:
        chunk = _chunk(decoded)
        yield from _with_processes(chunk.spans or [], chunk.processes)


def decode_readable(document: Buffer, span_decoder: SpanDecoder[ModelSpan]) -> Iterator[SpanWithProcess]:
    """Yield the spans of a document that can be read, each with its process."""
    decoded = _LOOSE_DECODER.decode(document)
    if isinstance(decoded, list):
        yield from _with_processes(span_decoder(decoded))
    else:
        chunk = _chunk(decoded)
        yield from _with_processes(span_decoder(chunk.spans or []), chunk.processes)


def _chunk(document: _Document[Span]) -> _Document[Span]:
    chunk = document.result or document
    if chunk.spans is None:
        raise ValueError("The document holds no spans, result or traceId.")
    return chunk


def _with_processes(
    spans: list[ModelSpan], mapped: list[_MappedProcess] | None = None
) -> Iterator[SpanWithProcess]:
    processes = {each.process_id: each.process for each in mapped or ()}
    for span in spans:
        yield span, span.process or processes.get(span.process_id) or ModelProcess()
