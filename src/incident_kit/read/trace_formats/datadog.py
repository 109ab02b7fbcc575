"""Datadog's spans as its tracers send them to the agent: traces as lists of spans, a list of spans, or lines.

Ids are decimal numbers of 64 bits, times are nanoseconds. Of a trace id of 128 bits, the first half is a tag
of only some of the trace's spans.
Source: Datadog, "Send traces to the Agent by API", and `dd-trace-py`, `ddtrace/internal/encoding.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import Annotated, Any

import msgspec
import polars as pl
from msgspec import Meta, Raw, Struct, field

from incident_kit.read.spans.attribute_text import attributes_json, service_object
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, JsonDialect, SpanDecoder

MEMBERS = (b'"trace_id"', b'"span_id"', b'"parent_id"', b'"resource"', b'"service"', b'"duration"')
# A row of a table may have the same names.
START = re.compile(rb'"start"\s*:\s*[0-9]{16}')
FIRST_HALF = "_dd.p.tid"
KIND, HOST = "span.kind", "out.host"
# What a span is by its type, where no tag says its kind.
STORES = ("sql", "db", "cache", "redis", "memcached", "mongodb", "cassandra", "elasticsearch", "opensearch")
KINDS = {"web": "server", "http": "client", **dict.fromkeys(STORES, "client")}
BESIDES: dict[str, type[pl.DataType]] = {"peer": pl.String, "first_half": pl.String}
HALF_DIGITS = 16
DIGITS = (HALF_DIGITS, 2 * HALF_DIGITS)
DECIMAL = re.compile("[0-9]{1,20}")
# Nanoseconds whose differences fit into 64 bits.
Nanoseconds = Annotated[int, Meta(gt=-(2**62), lt=2**62)]


class _Span(Struct, gc=False):
    trace_id: int | str
    span_id: int | str
    parent_id: int | str | None = None
    service: str | None = None
    name: str | None = None
    resource: str | None = None
    type: str | None = None
    start: Nanoseconds | None = None
    duration: Nanoseconds | None = None
    error: int = 0
    meta: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None


class _Payload(Struct, gc=False):
    traces: list[Raw] | None = None
    trace_id: Raw = field(default=Raw())


_DOCUMENT_DECODER = msgspec.json.Decoder(_Payload | list[Raw])
_LIST_DECODER = msgspec.json.Decoder(list[Raw])
_SPAN_DECODER = msgspec.json.Decoder(_Span)


def _decode(document: Buffer) -> Iterator[_Span]:
    return map(_SPAN_DECODER.decode, _raw_spans(document))


def _decode_readable(document: Buffer, span_decoder: SpanDecoder[_Span]) -> list[_Span]:
    return span_decoder(_raw_spans(document))


def _raw_spans(document: Buffer) -> Iterator[Raw]:
    """Yield the spans of a payload, of a list of traces or of spans, or the single span."""
    decoded = _DOCUMENT_DECODER.decode(document)
    if isinstance(decoded, _Payload) and decoded.trace_id:
        yield Raw(bytes(document))
        return
    held = decoded if isinstance(decoded, list) else decoded.traces
    if held is None:
        raise ValueError("The document holds no traces or trace_id.")
    for each in held:
        yield from _LIST_DECODER.decode(each) if bytes(each)[:1] == b"[" else [each]


def _columns(spans: list[_Span]) -> pl.DataFrame:
    return pl.DataFrame(map(_recorded, spans), schema=RECORDED | BESIDES, orient="row", strict=False)


def _recorded(span: _Span) -> tuple[Any, ...]:
    """Return the recorded values of a span, in the order of RECORDED and BESIDES."""
    meta = dict(span.meta or {})
    first_half, kind = meta.pop(FIRST_HALF, None), meta.pop(KIND, None)
    operation = {"operation.name": span.name, "span.type": span.type}
    attributes = {key: value for key, value in operation.items() if value} | (span.metrics or {}) | meta
    return (
        _hexadecimal(span.trace_id),
        _hexadecimal(span.span_id),
        _hexadecimal(span.parent_id or 0),
        span.service or None,
        span.resource or span.name,
        kind or KINDS.get(span.type or "", "internal"),
        span.start,
        span.duration,
        "error" if span.error else "unset",
        attributes_json(attributes),
        service_object(span.service),
        meta.get(HOST),
        first_half,
    )


def _hexadecimal(written: int | str) -> str:
    """Return an id in hexadecimal digits, which some tracers write already."""
    if isinstance(written, str) and (len(written) in DIGITS or not DECIMAL.fullmatch(written)):
        return written
    return f"{int(written):0{HALF_DIGITS}x}"


def _spans(recorded: pl.DataFrame) -> pl.DataFrame:
    first_half = pl.col("first_half").max().over("trace_id").fill_null("")
    is_half = pl.col("trace_id").str.len_chars() == HALF_DIGITS
    whole = pl.when(is_half).then(first_half + pl.col("trace_id")).otherwise("trace_id")
    return spans_from(recorded.with_columns(whole.alias("trace_id")).drop("first_half"))


def _recognises(head: bytes) -> bool:
    return all(name in head for name in MEMBERS) and START.search(head) is not None


FORMAT = TraceFormat(
    name="datadog-json",
    description="Datadog's spans as tracers send them: lists of traces, a list of spans, or one a line",
    recognises=_recognises,
    # Infinite, so that all is one batch: the span that tells a trace's whole id may be anywhere in the files.
    batches=JsonDialect(_decode, _decode_readable, _SPAN_DECODER.decode, _columns, _spans, inf).batches,
    sample=(
        b'[[{"trace_id":1234567890123456789,"span_id":987654321098765432,"parent_id":0,"service":"shop",'
        b'"name":"web.request","resource":"GET /","type":"web","start":1544712660000000000,'
        b'"duration":1000000000,"error":0,"meta":{"_dd.p.tid":"5b8efff700000000"},"metrics":{}}]]'
    ),
)
