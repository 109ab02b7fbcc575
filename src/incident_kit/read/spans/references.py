"""Whom a span of Jaeger refers to: its parent, and whether that one waited for it."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_text import joined, plain_member

NO_REFERENCES = Raw(b"[]")
LEFT_BEHIND = '{"opentracing.ref_type":"follows_from"}'


class Reference(Struct, gc=False):
    """What a span refers to, and how."""

    span_id: str = field(default="", name="spanID")
    trace_id: str = field(default="", name="traceID")
    kind: str = field(default="CHILD_OF", name="refType")


_REFERENCES_DECODER: msgspec.json.Decoder[list[Reference] | None] = msgspec.json.Decoder(
    list[Reference] | None, strict=False
)


def parents(spans: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return every span's parent id, and whether it follows from the parent, which did not wait for it.

    Columns: trace_id, references (as JSON), parent_span_id (which told the parent before there were
    references). A single reference, which nearly all have, is read as text in all spans at once.
    """
    written, parent = pl.col("references"), plain_member("spanID", "references")
    is_single = parent.is_not_null() & (written.str.count_matches("{", literal=True) == 1)
    read = spans.select(
        parent,
        written.str.contains('"FOLLOWS_FROM"', literal=True).alias("follows"),
        is_odd=~is_single & ((written != "[]") | pl.col("parent_span_id").is_not_null()),
    )
    odd = read["is_odd"].arg_true()
    best = [
        _parent(*row) for row in spans[odd].select("trace_id", "references", "parent_span_id").iter_rows()
    ]
    return (
        read["spanID"].scatter(odd, [to and to.span_id for to in best]),
        read["follows"].scatter(odd, [to is not None and to.kind == "FOLLOWS_FROM" for to in best]),
    )


def _parent(trace_id: str, references: str, parent_span_id: str | None) -> Reference | None:
    if found := _references(references):
        return nearest(found, trace_id)
    return Reference(parent_span_id) if parent_span_id else None


def _references(written: str) -> list[Reference] | None:
    try:
        return _REFERENCES_DECODER.decode(written)
    except msgspec.ValidationError:  # to nothing that can be told
        return None


def nearest(references: Iterable[Reference], trace_id: str) -> Reference:
    """Return the parent among references: best in its own trace, and there one that it is a child of."""
    return min(references, key=lambda to: (to.trace_id != trace_id, to.kind != "CHILD_OF"))


def with_follows(attributes: pl.Series, follows: pl.Series) -> pl.Series:
    """Return attributes with OpenTelemetry's mark where a span follows from its parent."""
    if not follows.any():
        return attributes
    return joined(attributes, pl.Series([LEFT_BEHIND]).zip_with(follows, pl.Series(["{}"])))
