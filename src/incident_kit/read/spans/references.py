"""References of Jaeger's spans: which span is the parent, and whether the parent waited for the span.

A span may have several references. `CHILD_OF` means that the parent waited, `FOLLOWS_FROM` that it did not. A
reference into another trace is a link (Jaeger writes OpenTelemetry's links so), and no parent.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_text import escape_free_member, joined

NO_REFERENCES = Raw(b"[]")
FOLLOWS_FROM_MARK = '{"opentracing.ref_type":"follows_from"}'


class Reference(Struct, gc=False):
    """The span that a span refers to, and the kind of the reference."""

    span_id: str = field(default="", name="spanID")
    trace_id: str = field(default="", name="traceID")
    kind: str = field(default="CHILD_OF", name="refType")


_REFERENCES_DECODER: msgspec.json.Decoder[list[Reference] | None] = msgspec.json.Decoder(
    list[Reference] | None, strict=False
)


def parents(spans: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return each span's parent id, and whether the span follows from its parent, which did not wait for it.

    Columns: trace_id, references (as JSON), parent_span_id (the older way to give the parent). Nearly all
    spans have a single reference, which is read as text in all spans at once.
    """
    written, parent = pl.col("references"), escape_free_member("spanID", "references")
    is_single = parent.is_not_null() & (written.str.count_matches("{", literal=True) == 1)
    of_trace, own = escape_free_member("traceID", "references"), pl.col("trace_id")
    is_link = (_significant(of_trace) != _significant(own)).fill_null(value=False) & (of_trace != "")
    read = spans.select(
        pl.when(~is_link).then(parent).alias("spanID"),
        follows=written.str.contains('"FOLLOWS_FROM"', literal=True) & ~is_link,
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


def _significant(trace_id: pl.Expr) -> pl.Expr:
    """Return ids without the leading zeros, which some of Jaeger's clients leave out."""
    return trace_id.str.strip_chars_start("0")


def _parent(trace_id: str, references: str, parent_span_id: str | None) -> Reference | None:
    if found := _references(references):
        return nearest(found, trace_id)
    return Reference(parent_span_id) if parent_span_id else None


def _references(written: str) -> list[Reference] | None:
    try:
        return _REFERENCES_DECODER.decode(written)
    except msgspec.ValidationError:  # the references cannot be read, so there is no known parent
        return None


def nearest(references: Iterable[Reference], trace_id: str) -> Reference | None:
    """Return the parent among references: the first with CHILD_OF in the trace, or else the first in it."""
    own = trace_id.lstrip("0")
    in_trace = [to for to in references if to.trace_id.lstrip("0") in ("", own)]
    return min(in_trace, key=lambda to: to.kind != "CHILD_OF", default=None)


def mark_follows_from(attributes: pl.Series, follows: pl.Series) -> pl.Series:
    """Return attributes with OpenTelemetry's mark added to those spans that follow from their parents."""
    if not follows.any():
        return attributes
    return joined(attributes, pl.Series([FOLLOWS_FROM_MARK]).zip_with(follows, pl.Series(["{}"])))
