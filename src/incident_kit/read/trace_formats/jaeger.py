"""Jaeger JSON: the API's document (what the UI downloads), one trace, or Elasticsearch's spans.

Tags stay raw while the rest is decoded, and are rewritten all at once, as OTLP's attributes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import attributes_json, joined
from incident_kit.read.spans.columns import RECORDED, from_tags, microseconds
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.json_documents import document_batches

NO_TAGS = Raw(b"[]")
TAG_LIST = ListSyntax(
    before_value=tuple(
        f',"type":"{kind}","value":' for kind in ("string", "int64", "bool", "float64", "binary")
    ),
    closing="}",
    value=lambda tag: tag.get("value", ""),
)
LEFT_BEHIND = '{"opentracing.ref_type":"follows_from"}'


class _Reference(Struct, gc=False):
    span_id: str = field(default="", name="spanID")
    trace_id: str = field(default="", name="traceID")
    kind: str = field(default="CHILD_OF", name="refType")


class _Process(Struct, gc=False):
    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS
    tag: dict[str, Any] | None = None


UNKNOWN = _Process()


class _Span(Struct, gc=False):
    trace_id: str | None = field(default=None, name="traceID")
    span_id: str | None = field(default=None, name="spanID")
    parent_span_id: str | None = field(default=None, name="parentSpanID")
    name: str | None = field(default=None, name="operationName")
    start: int | float | None = field(default=None, name="startTime")
    duration: int | float | None = None
    references: list[_Reference] | None = None
    tags: Raw = NO_TAGS
    # Elasticsearch may hold tags as an object's fields, dots replaced, and the process in the span.
    tag: dict[str, Any] | None = None
    process: _Process | None = None
    process_id: str | None = field(default=None, name="processID")


class _Trace(Struct, gc=False):
    spans: list[_Span] = []
    processes: dict[str, _Process] = {}


class _Hit(Struct, gc=False):
    source: _Span = field(name="_source")


class _Hits(Struct, gc=False):
    hits: list[_Hit] = []


class _Document(_Span, gc=False):
    data: list[_Trace] | None = None
    spans: list[_Span] | None = None
    processes: dict[str, _Process] = {}
    source: _Span | None = field(default=None, name="_source")
    hits: _Hits | None = None


_DECODER = msgspec.json.Decoder(_Document | list[_Document], strict=False)


def _decode(document: bytes) -> Iterator[_Trace]:
    decoded = _DECODER.decode(document)
    for each in decoded if isinstance(decoded, list) else [decoded]:
        if each.data is not None:
            yield from each.data
        elif each.spans is not None:
            yield _Trace(each.spans, each.processes)
        elif each.hits:
            yield _Trace([hit.source for hit in each.hits.hits])
        elif each.source or each.trace_id:
            yield _Trace([each.source or each])
        else:
            raise ValueError("The document holds no data, spans, hits or traceID.")


def _frame(traces: list[_Trace]) -> pl.DataFrame:
    spans = [span for trace in traces for span in trace.spans]
    processes, owners = _owners(traces)
    parents = [_parent(span) if span.references or span.parent_span_id else None for span in spans]
    follows = pl.Series([parent is not None and parent.kind == "FOLLOWS_FROM" for parent in parents])
    own = _objects(spans)
    if follows.any():
        own = joined(own, pl.Series([LEFT_BEHIND]).zip_with(follows, pl.Series(["{}"])))
    recorded = {
        "trace_id": list(map(attrgetter("trace_id"), spans)),
        "span_id": list(map(attrgetter("span_id"), spans)),
        "parent_span_id": [parent and parent.span_id for parent in parents],
        "service": pl.Series([each.service for each in processes], dtype=pl.String).gather(owners),
        "name": list(map(attrgetter("name"), spans)),
        "kind": None,
        "start_ns": microseconds(list(map(attrgetter("start"), spans))),
        "duration_ns": microseconds(list(map(attrgetter("duration"), spans))),
        "status": None,
        "attributes": joined(own, _process_objects(processes).gather(owners)),
    }
    return from_tags(pl.DataFrame(recorded, schema=RECORDED, strict=False))


def _parent(span: _Span) -> _Reference | None:
    """Return the parent among the references: best one it is a child of, in its own trace."""
    if not span.references:
        return _Reference(span.parent_span_id) if span.parent_span_id else None
    if len(span.references) == 1:
        return span.references[0]
    return min(span.references, key=lambda to: (to.kind != "CHILD_OF", to.trace_id != span.trace_id))


def _owners(traces: list[_Trace]) -> tuple[list[_Process], list[int]]:
    """Return the distinct processes, and for every span the number of its own; files repeat the same ones."""
    number: dict[tuple[str | None, bytes, str], int] = {}
    distinct: list[_Process] = []

    def numbered(process: _Process) -> int:
        description = (process.service, bytes(process.tags), str(process.tag))
        if description not in number:
            number[description] = len(distinct)
            distinct.append(process)
        return number[description]

    owners: list[int] = []
    for trace in traces:
        of_trace = {key: numbered(process) for key, process in trace.processes.items()}
        for span in trace.spans:
            owner = of_trace.get(span.process_id or "")
            owners.append(numbered(span.process or UNKNOWN) if owner is None else owner)
    return distinct, owners


def _objects(tagged: list[_Span] | list[_Process]) -> pl.Series:
    objects = attribute_objects([each.tags for each in tagged], TAG_LIST)
    if not any(map(attrgetter("tag"), tagged)):
        return objects
    fields = [{key.replace("@", "."): value for key, value in (each.tag or {}).items()} for each in tagged]
    return joined(objects, pl.Series(list(map(attributes_json, fields))))


def _process_objects(processes: list[_Process]) -> pl.Series:
    names = [{"service.name": each.service} if each.service else {} for each in processes]
    return joined(pl.Series(list(map(attributes_json, names)), dtype=pl.String), _objects(processes))


def _batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
    return document_batches(sources, _decode, _frame)


def _recognises(head: bytes) -> bool:
    return b'"traceID"' in head and (b'"operationName"' in head or b'"processes"' in head)


FORMAT = TraceFormat(
    name="jaeger-json",
    description="Jaeger JSON: the API's document, one trace, or Elasticsearch's spans one a line",
    recognises=_recognises,
    batches=_batches,
    sample=(
        b'{"data":[{"traceID":"5b8efff798038103d269b633813fc60c","spans":[{"traceID":"5b8efff798038103d269b633'
        b'813fc60c","spanID":"eee19b7ec3c1b174","operationName":"GET /","references":[],'
        b'"startTime":1544712660000000,"duration":1000000,"tags":[{"key":"span.kind","type":"string",'
        b'"value":"server"}],"processID":"p1"}],"processes":{"p1":{"serviceName":"shop","tags":[]}}}]}'
    ),
)
