"""Dialects whose documents are bare spans or lists of them, and those that are read as plain objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import orjson
import polars as pl
from msgspec import Raw

from incident_kit.read.spans.attribute_text import as_text
from incident_kit.read.spans.json_documents import BATCH_BYTES, Buffer, JsonDialect, Record, Span, SpanDecoder

ToFrame = Callable[[pl.DataFrame], pl.DataFrame]


def dialect_of_spans(
    span: type[Span], columns: Callable[[list[Span]], pl.DataFrame], spans: ToFrame
) -> JsonDialect[Span, Span]:
    """Return the dialect of documents that are a span, decoded as the type `span`, or a list of spans."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(span | list[span], strict=False)  # type: ignore[valid-type]
    listed = msgspec.json.Decoder(list[Raw])

    def decode(document: Buffer) -> list[Span]:
        decoded = decoder.decode(document)
        return decoded if isinstance(decoded, list) else [decoded]

    def decode_readable(document: Buffer, span_decoder: SpanDecoder[Span]) -> list[Span]:
        return span_decoder(listed.decode(document))

    return JsonDialect(
        decode, decode_readable, msgspec.json.Decoder(span, strict=False).decode, columns, spans
    )


def dialect_of_objects(
    objects: Callable[[Any], Iterable[Any]],
    recorded: Callable[[Any], Record],
    columns: Callable[[list[Record]], pl.DataFrame],
    spans: ToFrame,
    batch_bytes: float = BATCH_BYTES,
) -> JsonDialect[Record, Record]:
    """Return the dialect of documents in which `objects` finds one object a span.

    `recorded` takes a span's values from its object, or raises if the object is no span.
    """

    def decode(document: Buffer) -> Iterable[Record]:
        return map(recorded, objects(orjson.loads(bytes(document))))

    def decode_readable(document: Buffer, span_decoder: SpanDecoder[Record]) -> list[Record]:
        return span_decoder(Raw(as_text(each).encode()) for each in objects(orjson.loads(bytes(document))))

    def decode_span(raw: Raw) -> Record:
        return recorded(orjson.loads(bytes(raw)))

    return JsonDialect(decode, decode_readable, decode_span, columns, spans, batch_bytes)
