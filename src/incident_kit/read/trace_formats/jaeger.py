"""Jaeger JSON: the API's document (what the UI downloads), one trace, or Elasticsearch's spans.

Tags stay raw while the rest is decoded, and are rewritten all at once, as OTLP's attributes are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Generic

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import (
    attributes_json,
    joined,
    plain_member,
    service_objects,
    texts,
)
from incident_kit.read.spans.columns import RECORDED, from_tags, microseconds, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Sieve, Span

NO_TAGS = NO_REFERENCES = Raw(b"[]")
NOTHING = Raw()
TAG_LIST = ListSyntax(
    before_value=tuple(
        f',"type":"{kind}","value":' for kind in ("string", "int64", "bool", "float64", "binary")
    ),
    closing="}",
    value=lambda tag: tag.get("value", ""),
)
# What the API answers when no trace was found.
EMPTY_ANSWER = re.compile(rb'\s*\{\s*"data"\s*:\s*(?:\[\s*\]|null)\s*[,}]')
LEFT_BEHIND = '{"opentracing.ref_type":"follows_from"}'


class Reference(Struct, gc=False):
    """What a span refers to, and how."""

    span_id: str = field(default="", name="spanID")
    trace_id: str = field(default="", name="traceID")
    kind: str = field(default="CHILD_OF", name="refType")


class _Process(Struct, gc=False):
    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS
    tag: dict[str, Any] | None = None


class _Span(Struct, gc=False):
    trace_id: Id = field(name="traceID")
    span_id: Id = field(name="spanID")
    parent_span_id: str | None = field(default=None, name="parentSpanID")
    name: str | None = field(default=None, name="operationName")
    start: int | float | None = field(default=None, name="startTime")
    duration: int | float | None = None
    references: Raw = NO_REFERENCES
    tags: Raw = NO_TAGS
    # Elasticsearch may hold tags as an object's fields, dots replaced, and the process in the span.
    tag: dict[str, Any] | None = None
    process: Raw = NOTHING
    process_id: str | None = field(default=None, name="processID")


class _Trace(Struct, Generic[Span], gc=False):
    spans: list[Span] | None = None
    processes: dict[str, Raw] | None = None


class _Hit(Struct, Generic[Span], gc=False):
    source: Span = field(name="_source")


class _Hits(Struct, Generic[Span], gc=False):
    hits: list[_Hit[Span]] = []


class _Document(Struct, Generic[Span], gc=False):
    data: list[_Trace[Span]] | _Trace[Span] | None = None
    spans: list[Span] | None = None
    processes: dict[str, Raw] | None = None
    source: Span | None = field(default=None, name="_source")
    hits: _Hits[Span] | None = None
    trace_id: Raw = field(default=NOTHING, name="traceID")


_DECODER = msgspec.json.Decoder(_Document[_Span] | list[Raw], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(_Span, strict=False)
_PROCESS_DECODER = msgspec.json.Decoder(_Process | None, strict=False)
_REFERENCES_DECODER = msgspec.json.Decoder(list[Reference] | None, strict=False)


def _decode(document: Buffer) -> Iterator[_Trace[_Span]]:
    return _traces(document, _DECODER, _SPAN_DECODER.decode)


def _decode_good(document: Buffer, sieve: Sieve[_Span]) -> Iterator[_Trace[_Span]]:
    for trace in _traces(document, _LOOSE_DECODER, Raw):
        yield _Trace(sieve(trace.spans or ()), trace.processes)


def _traces(
    document: Buffer,
    decoder: msgspec.json.Decoder[_Document[Span] | list[Raw]],
    as_span: Callable[[Buffer], Span],
) -> Iterator[_Trace[Span]]:
    """Yield the traces that a document holds in whichever way; `as_span` takes one that is itself a span."""
    decoded = decoder.decode(document)
    if isinstance(decoded, list):
        for each in decoded:
            yield from _traces(each, decoder, as_span)
    elif decoded.data is not None:
        yield from decoded.data if isinstance(decoded.data, list) else [decoded.data]
    elif decoded.spans is not None:
        yield _Trace(decoded.spans, decoded.processes)
    elif decoded.hits:
        yield _Trace([hit.source for hit in decoded.hits.hits])
    elif decoded.source:
        yield _Trace([decoded.source])
    elif decoded.trace_id:
        yield _Trace([as_span(document)])
    else:
        raise ValueError("The document holds no data, spans, hits or traceID.")


def _frame(traces: list[_Trace[_Span]]) -> pl.DataFrame:
    spans = [span for trace in traces for span in trace.spans or ()]
    processes, owners = _owners(traces)
    parent, follows = _parents(spans)
    recorded = {
        "trace_id": list(map(attrgetter("trace_id"), spans)),
        "span_id": list(map(attrgetter("span_id"), spans)),
        "parent_span_id": parent,
        "service": pl.Series([each.service for each in processes], dtype=pl.String).gather(owners),
        "name": list(map(attrgetter("name"), spans)),
        "kind": None,
        "start_ns": microseconds(list(map(attrgetter("start"), spans))),
        "duration_ns": microseconds(list(map(attrgetter("duration"), spans))),
        "status": None,
        "attributes": with_follows(_objects(spans), follows),
        "shared": _process_objects(processes).gather(owners),
    }
    return spans_from(from_tags(pl.DataFrame(recorded, schema=RECORDED, strict=False)))


def _parents(spans: list[_Span]) -> tuple[pl.Series, pl.Series]:
    """Return every span's parent id, and whether it follows from the parent, which did not wait for it.

    A single reference, which nearly all have, is read as text in all spans at once.
    """
    references = pl.DataFrame(
        {
            "text": texts(list(map(attrgetter("references"), spans))),
            "older": pl.Series([span.parent_span_id is not None for span in spans], dtype=pl.Boolean),
        }
    )
    parent = references.select(plain_member("spanID", "text")).to_series()
    follows = references["text"].str.contains('"FOLLOWS_FROM"', literal=True)
    is_single = parent.is_not_null() & (references["text"].str.count_matches("{", literal=True) == 1)
    odd = (~is_single & ((references["text"] != "[]") | references["older"])).arg_true().to_list()
    best = [_parent(spans[row]) for row in odd]
    return (
        parent.scatter(odd, [to and to.span_id for to in best]),
        follows.scatter(odd, [to is not None and to.kind == "FOLLOWS_FROM" for to in best]),
    )


def with_follows(attributes: pl.Series, follows: pl.Series) -> pl.Series:
    """Return attributes with OpenTelemetry's mark where a span follows from its parent."""
    if not follows.any():
        return attributes
    return joined(attributes, pl.Series([LEFT_BEHIND]).zip_with(follows, pl.Series(["{}"])))


def _parent(span: _Span) -> Reference | None:
    if references := _REFERENCES_DECODER.decode(span.references):
        return nearest(references, span.trace_id)
    return Reference(span.parent_span_id) if span.parent_span_id else None


def nearest(references: Iterable[Reference], trace_id: str) -> Reference:
    """Return the parent among references: best one that the span is a child of, in its own trace."""
    return min(references, key=lambda to: (to.kind != "CHILD_OF", to.trace_id != trace_id))


def _owners(traces: list[_Trace[_Span]]) -> tuple[list[_Process], list[int]]:
    """Return the distinct processes, and for every span the number of its own; files repeat the same ones."""
    number: dict[bytes, int] = {}
    owners: list[int] = []
    for trace in traces:
        of_trace = {
            key: number.setdefault(bytes(process), len(number))
            for key, process in (trace.processes or {}).items()
        }
        for span in trace.spans or ():
            owner = of_trace.get(span.process_id or "")
            owners.append(number.setdefault(bytes(span.process), len(number)) if owner is None else owner)
    return [_process(each) for each in number], owners


def _process(text: bytes) -> _Process:
    try:
        return (_PROCESS_DECODER.decode(text) if text else None) or _Process()
    except msgspec.ValidationError:
        return _Process()


def _objects(tagged: list[_Span] | list[_Process]) -> pl.Series:
    objects = attribute_objects(list(map(attrgetter("tags"), tagged)), TAG_LIST)
    if not any(map(attrgetter("tag"), tagged)):
        return objects
    fields = [{key.replace("@", "."): value for key, value in (each.tag or {}).items()} for each in tagged]
    return joined(objects, pl.Series(list(map(attributes_json, fields))))


def _process_objects(processes: list[_Process]) -> pl.Series:
    return joined(service_objects(each.service for each in processes), _objects(processes))


def _recognises(head: bytes) -> bool:
    if EMPTY_ANSWER.match(head):
        return True
    return b'"traceID"' in head and (b'"operationName"' in head or b'"processes"' in head)


FORMAT = TraceFormat(
    name="jaeger-json",
    description="Jaeger JSON: the API's document, one trace, or Elasticsearch's spans one a line",
    recognises=_recognises,
    batches=JsonDialect(_decode, _decode_good, _SPAN_DECODER.decode, _frame).batches,
    sample=(
        b'{"data":[{"traceID":"5b8efff798038103d269b633813fc60c","spans":[{"traceID":"5b8efff798038103d269b633'
        b'813fc60c","spanID":"eee19b7ec3c1b174","operationName":"GET /","references":[],'
        b'"startTime":1544712660000000,"duration":1000000,"tags":[{"key":"span.kind","type":"string",'
        b'"value":"server"}],"processID":"p1"}],"processes":{"p1":{"serviceName":"shop","tags":[]}}}]}'
    ),
)
