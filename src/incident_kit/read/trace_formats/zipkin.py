"""Zipkin v2 JSON: lists of spans, lists of such lists, or one span a line.

Times are microseconds, and 0 means not known. Client and server may report one call under the same id;
`zipkin_spans` separates the two.
Source: Zipkin's API definition, `zipkin2-api.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_lists import FLAT_OBJECT
from incident_kit.read.spans.attribute_text import attributes_json, parsed, service_objects
from incident_kit.read.spans.columns import RECORDED
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Span, SpanDecoder
from incident_kit.read.spans.times import microseconds_ns
from incident_kit.read.trace_formats.zipkin_spans import zipkin_spans

# Members that only version 1 has: annotations with the endpoint that made them.
FIRST_VERSION = re.compile(rb'"binaryAnnotations"\s*:|"endpoint"\s*:\s*\{')
# The API's answer when it finds no trace.
EMPTY_ANSWER = b"[]"
BESIDES = {"peer": pl.String, "is_server": pl.Boolean}
FLAT = re.compile(FLAT_OBJECT.encode())


class Endpoint(Struct, gc=False):
    """The place where a span was recorded, or which it called."""

    service: str | None = field(default=None, name="serviceName")
    ipv4: str | None = None
    ipv6: str | None = None


class ZipkinSpan(Struct, gc=False):
    """A span, or one of several pieces of a span."""

    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="id")
    parent_span_id: str | None = field(default=None, name="parentId")
    name: str | None = None
    kind: str | None = None
    start: int | float | None = field(default=None, name="timestamp")
    duration: int | float | None = None
    local: Endpoint | None = field(default=None, name="localEndpoint")
    remote: Endpoint | None = field(default=None, name="remoteEndpoint")
    shared: bool | None = None
    tags: Raw = Raw(b"{}")


_DECODER = msgspec.json.Decoder(ZipkinSpan | list[ZipkinSpan | list[ZipkinSpan]], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(list[Raw])
_SPAN_DECODER = msgspec.json.Decoder(ZipkinSpan, strict=False)


def _decode(document: Buffer) -> Iterator[ZipkinSpan]:
    return flat(_DECODER.decode(document))


def _decode_readable(document: Buffer, span_decoder: SpanDecoder[ZipkinSpan]) -> Iterator[ZipkinSpan]:
    yield from span_decoder(raw_spans(document))


def flat(decoded: Span | list[Span | list[Span]]) -> Iterator[Span]:
    """Yield the spans of a list or of a list of lists, or the single span."""
    for each in decoded if isinstance(decoded, list) else [decoded]:
        yield from each if isinstance(each, list) else [each]


def raw_spans(document: Buffer) -> Iterator[Raw]:
    """Yield the spans of a list or of a list of lists, as raw JSON."""
    for each in _LOOSE_DECODER.decode(document):
        yield from _LOOSE_DECODER.decode(each) if bytes(each)[:1] == b"[" else [each]


def zipkin_columns(spans: list[ZipkinSpan]) -> pl.DataFrame:
    """Return the recorded values of spans and pieces of spans, which are not merged or linked yet."""
    nowhere = Endpoint()
    local, remote = [span.local or nowhere for span in spans], [span.remote or nowhere for span in spans]
    recorded = {
        "trace_id": [span.trace_id for span in spans],
        "span_id": [span.span_id for span in spans],
        "parent_span_id": [span.parent_span_id for span in spans],
        "service": [endpoint.service or None for endpoint in local],
        "name": [span.name for span in spans],
        "kind": [span.kind or None for span in spans],
        "start_ns": microseconds_ns([span.start or None for span in spans]),  # 0 is Zipkin's "not known"
        "duration_ns": microseconds_ns([span.duration for span in spans]),
        "status": None,
        "attributes": [_tags(span.tags) for span in spans],
        "shared": service_objects(endpoint.service for endpoint in local),
        "peer": [endpoint.service or endpoint.ipv4 or endpoint.ipv6 for endpoint in remote],
        "is_server": [_is_server(span) for span in spans],
    }
    return pl.DataFrame(recorded, schema=RECORDED | BESIDES, strict=False)


def _is_server(span: ZipkinSpan) -> bool | None:
    """Return whether a span is the server's side of its id.

    Without a kind this is known only of a shared span, which is the server's; for any other the result is
    None.
    """
    return span.kind.upper() == "SERVER" if span.kind else (span.shared or None)


def _tags(tags: bytes) -> str:
    """Return tags as a JSON object of texts, which they nearly always are already."""
    if FLAT.match(tags):
        return bytes(tags).decode()
    held = parsed(bytes(tags))
    return attributes_json(held if isinstance(held, dict) else {})


def _recognises(head: bytes) -> bool:
    is_of_spans = b'"traceId"' in head and b'"id"' in head and b'"resourceSpans"' not in head
    return head.strip() == EMPTY_ANSWER or (is_of_spans and not FIRST_VERSION.search(head))


FORMAT = TraceFormat(
    name="zipkin-json",
    description="Zipkin v2 JSON: lists of spans, lists of such lists, or one span a line",
    recognises=_recognises,
    # Infinite, so that all is one batch: the pieces of a span may be anywhere in the files.
    batches=JsonDialect(
        _decode, _decode_readable, _SPAN_DECODER.decode, zipkin_columns, zipkin_spans, inf
    ).batches,
    sample=(
        b'[{"traceId":"5b8efff798038103d269b633813fc60c","id":"eee19b7ec3c1b174","kind":"SERVER",'
        b'"name":"GET /","timestamp":1544712660000000,"duration":1000000,'
        b'"localEndpoint":{"serviceName":"shop"}}]'
    ),
)
