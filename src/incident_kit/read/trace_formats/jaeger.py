"""Jaeger JSON: the API's document (what the UI downloads), one trace, or Elasticsearch's spans.

Tags stay raw while the rest is decoded, and are rewritten all at once, as OTLP's attributes are.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from operator import attrgetter
from typing import Generic

import msgspec
import numpy as np
import orjson
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import (
    attributes_json,
    joined,
    service_objects,
)
from incident_kit.read.spans.columns import microseconds, spans_from
from incident_kit.read.spans.descriptions import Numbers, distinct, distinct_rows, from_tags
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Sieve, Span
from incident_kit.read.spans.references import NO_REFERENCES, parents, with_follows

NO_TAGS = Raw(b"[]")
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
# A member and not a column of a table, which may be called so too.
MEMBER = re.compile(rb'"traceID"\s*:')


class _Process(Struct, gc=False):
    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS
    fields: Raw = field(default=NOTHING, name="tag")


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
    fields: Raw = field(default=NOTHING, name="tag")
    process: Raw = NOTHING
    process_id: str | None = field(default=None, name="processID")


class _Trace(Struct, Generic[Span], gc=False):
    spans: list[Span] | None = None
    processes: Raw = NOTHING


class _Hit(Struct, Generic[Span], gc=False):
    source: Span = field(name="_source")


class _Hits(Struct, Generic[Span], gc=False):
    hits: list[_Hit[Span]] = []


class _Document(Struct, Generic[Span], gc=False):
    data: list[_Trace[Span]] | _Trace[Span] | None = None
    spans: list[Span] | None = None
    processes: Raw = NOTHING
    source: Span | None = field(default=None, name="_source")
    hits: _Hits[Span] | None = None
    trace_id: Raw = field(default=NOTHING, name="traceID")


_DECODER = msgspec.json.Decoder(_Document[_Span] | list[Raw], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(_Span, strict=False)
_PROCESSES_DECODER = msgspec.json.Decoder(dict[str | None, Raw] | None)
_PROCESS_DECODER = msgspec.json.Decoder(_Process | None, strict=False)


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
    parent, follows = parents(spans)
    recorded = {
        "trace_id": _texts(spans, "trace_id"),
        "span_id": _texts(spans, "span_id"),
        "parent_span_id": parent,
        "name": _texts(spans, "name"),
        "start_ns": microseconds(list(map(attrgetter("start"), spans))),
        "duration_ns": microseconds(list(map(attrgetter("duration"), spans))),
    }
    tags, fields = (distinct(list(map(attrgetter(name), spans))) for name in ("tags", "fields"))
    row, number = distinct_rows(tags.number, fields.number, follows.to_numpy(), owners)
    own = _objects(tags.things, fields.things, tags.number[row], fields.number[row])
    described = {
        "attributes": with_follows(own, follows.gather(row)),
        "shared": _process_objects(processes).gather(owners[row]),
        "service": _texts(processes, "service").gather(owners[row]),
    }
    return spans_from(pl.DataFrame(recorded), from_tags(pl.DataFrame(described)), number)


def _texts(held: list[_Span] | list[_Process], name: str) -> pl.Series:
    return pl.Series(list(map(attrgetter(name), held)), dtype=pl.String)


def _owners(traces: list[_Trace[_Span]]) -> tuple[list[_Process], Numbers]:
    """Return the distinct processes, and for every span the number of its own; files repeat the same ones."""
    number: defaultdict[bytes, int] = defaultdict(count().__next__)
    known: dict[bytes, dict[str | None, int]] = {}
    owners: list[int] = []
    for trace in traces:
        written = bytes(trace.processes)
        if (of_trace := known.get(written)) is None:
            of_trace = {key: number[bytes(each)] for key, each in _processes(written).items()}
            known[written] = of_trace
        owners += [
            number[bytes(span.process)] if (owner := of_trace.get(span.process_id)) is None else owner
            for span in trace.spans or ()
        ]
    return [_process(each) for each in number], np.array(owners, dtype=np.int64)


def _processes(written: bytes) -> dict[str | None, Raw]:
    try:
        return (_PROCESSES_DECODER.decode(written) if written else None) or {}
    except msgspec.ValidationError:
        return {}


def _process(text: bytes) -> _Process:
    try:
        return (_PROCESS_DECODER.decode(text) if text else None) or _Process()
    except msgspec.ValidationError:
        return _Process()


def _process_objects(processes: list[_Process]) -> pl.Series:
    tags, fields = ([bytes(getattr(each, name)) for each in processes] for name in ("tags", "fields"))
    row = np.arange(len(processes))
    return joined(service_objects(each.service for each in processes), _objects(tags, fields, row, row))


def _objects(tags: list[bytes], fields: list[bytes], tags_row: Numbers, fields_row: Numbers) -> pl.Series:
    """Return tags as objects, each with those that Elasticsearch holds as an object's fields."""
    objects = attribute_objects(tags, TAG_LIST).gather(tags_row)
    if not any(fields):
        return objects
    return joined(objects, pl.Series(list(map(_field_object, fields))).gather(fields_row))


def _field_object(fields: bytes) -> str:
    held = orjson.loads(fields) if fields else {}
    named = held.items() if isinstance(held, dict) else ()
    return attributes_json({key.replace("@", "."): value for key, value in named})


def _recognises(head: bytes) -> bool:
    if EMPTY_ANSWER.match(head):
        return True
    is_of_spans = b'"operationName"' in head or b'"processes"' in head
    return is_of_spans and MEMBER.search(head) is not None


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
