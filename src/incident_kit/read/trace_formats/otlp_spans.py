"""OTLP spans one a line or in a list, each with its resource inside it, as pipelines flatten them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, JsonDialect, SpanDecoder
from incident_kit.read.trace_formats.otlp_document import (
    NO_ATTRIBUTES,
    OtlpSpan,
    Resource,
    SpansOfResource,
    with_json_names,
)
from incident_kit.read.trace_formats.otlp_json import otlp_columns, otlp_spans

# Members that a row of a table does not have. Such a row may have the names of a span's ids and times.
NESTED = re.compile(rb'"(?:resource|instrumentationScope|scope)"\s*:\s*\{|"attributes"\s*:\s*\[')
STARTS = (b'"startTimeUnixNano"', b'"start_time_unix_nano"')
# Members of Tempo's answer to a search, which names spans without the ids of their traces.
OF_A_SEARCH = (b'"spanSet"', b'"spanSets"')


class _LoneSpan(OtlpSpan, gc=False):
    resource: Resource | None = None


_DECODER = msgspec.json.Decoder(_LoneSpan | list[_LoneSpan], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(list[Raw])
_SPAN_DECODER = msgspec.json.Decoder(_LoneSpan, strict=False)


def _decode(document: Buffer) -> Iterator[SpansOfResource]:
    decoded = _DECODER.decode(document)
    yield from map(_as_resource, decoded if isinstance(decoded, list) else [decoded])


def _decode_readable(document: Buffer, span_decoder: SpanDecoder[_LoneSpan]) -> Iterator[SpansOfResource]:
    """Yield the readable spans of a document, whose members may have the names of the protobuf fields."""
    named = with_json_names(document)
    raw_spans = _LOOSE_DECODER.decode(named) if named[:1] == b"[" else [Raw(named)]
    yield from map(_as_resource, span_decoder(raw_spans))


def _as_resource(span: _LoneSpan) -> SpansOfResource:
    return span.resource.attributes if span.resource else NO_ATTRIBUTES, [span]


def _recognises(head: bytes) -> bool:
    has_spans = any(start in head for start in STARTS) and not any(name in head for name in OF_A_SEARCH)
    return has_spans and NESTED.search(head) is not None


FORMAT = TraceFormat(
    name="otlp-spans",
    description="OTLP JSON spans alone, one a line or in a list, each with its resource in it",
    recognises=_recognises,
    batches=JsonDialect(_decode, _decode_readable, _SPAN_DECODER.decode, otlp_columns, otlp_spans).batches,
    sample=(
        b'{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"GET /","kind":2,'
        b'"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"1544712661000000000","status":{},'
        b'"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}'
    ),
)
