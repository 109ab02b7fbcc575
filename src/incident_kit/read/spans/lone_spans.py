"""Dialects whose documents are bare spans, or lists of them, with no object around them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import polars as pl

from incident_kit.read.spans.json_documents import Buffer, JsonDialect, Span, SpanDecoder


def dialect_of_spans(
    span: type[Span],
    columns: Callable[[list[Span]], pl.DataFrame],
    spans: Callable[[pl.DataFrame], pl.DataFrame],
) -> JsonDialect[Span, Span]:
    """Return the dialect of documents that are a span, decoded as the type `span`, or a list of spans."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(span | list[span], strict=False)  # type: ignore[valid-type]
    listed = msgspec.json.Decoder(list[msgspec.Raw])

    def decode(document: Buffer) -> list[Span]:
        decoded = decoder.decode(document)
        return decoded if isinstance(decoded, list) else [decoded]

    def decode_readable(document: Buffer, span_decoder: SpanDecoder[Span]) -> list[Span]:
        return span_decoder(listed.decode(document))

    return JsonDialect(
        decode, decode_readable, msgspec.json.Decoder(span, strict=False).decode, columns, spans
    )
