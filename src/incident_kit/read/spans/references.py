"""Whom a span of Jaeger refers to: its parent, and whether that one waited for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Protocol

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_text import joined, plain_member, texts

NO_REFERENCES = Raw(b"[]")
LEFT_BEHIND = '{"opentracing.ref_type":"follows_from"}'


class Reference(Struct, gc=False):
    """What a span refers to, and how."""

    span_id: str = field(default="", name="spanID")
    trace_id: str = field(default="", name="traceID")
    kind: str = field(default="CHILD_OF", name="refType")


class Referring(Protocol):
    """What of a span tells its parent; the last member did before there were references."""

    trace_id: str
    references: Raw
    parent_span_id: str | None


_REFERENCES_DECODER: msgspec.json.Decoder[list[Reference] | None] = msgspec.json.Decoder(
    list[Reference] | None, strict=False
)


def parents(spans: Sequence[Referring]) -> tuple[pl.Series, pl.Series]:
    """Return every span's parent id, and whether it follows from the parent, which did not wait for it.

    A single reference, which nearly all have, is read as text in all spans at once.
    """
    text, parent = pl.col("text"), plain_member("spanID", "text")
    is_single = parent.is_not_null() & (text.str.count_matches("{", literal=True) == 1)
    read = pl.DataFrame({"text": texts(list(map(attrgetter("references"), spans)))}).select(
        parent,
        text.str.contains('"FOLLOWS_FROM"', literal=True).alias("follows"),
        is_odd=~is_single & (text != "[]"),
    )
    is_older = any(map(attrgetter("parent_span_id"), spans))
    odd = (read["is_odd"] | (read["spanID"].is_null() if is_older else False)).arg_true().to_list()
    best = [_parent(spans[row]) for row in odd]
    return (
        read["spanID"].scatter(odd, [to and to.span_id for to in best]),
        read["follows"].scatter(odd, [to is not None and to.kind == "FOLLOWS_FROM" for to in best]),
    )


def _parent(span: Referring) -> Reference | None:
    if references := _references(span.references):
        return nearest(references, span.trace_id)
    return Reference(span.parent_span_id) if span.parent_span_id else None


def _references(written: Raw) -> list[Reference] | None:
    try:
        return _REFERENCES_DECODER.decode(written)
    except msgspec.ValidationError:  # to nothing that can be told
        return None


def nearest(references: Iterable[Reference], trace_id: str) -> Reference:
    """Return the parent among references: best one that the span is a child of, in its own trace."""
    return min(references, key=lambda to: (to.kind != "CHILD_OF", to.trace_id != trace_id))


def with_follows(attributes: pl.Series, follows: pl.Series) -> pl.Series:
    """Return attributes with OpenTelemetry's mark where a span follows from its parent."""
    if not follows.any():
        return attributes
    return joined(attributes, pl.Series([LEFT_BEHIND]).zip_with(follows, pl.Series(["{}"])))
