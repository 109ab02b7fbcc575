"""Jaeger JSON: the query API's document (what the UI downloads), one trace, or Elasticsearch's spans.

A trace has spans and, beside them, the processes that the spans refer to by id (`"processID":"p1"`). Times
are microseconds. Tags are a list of `{"key":...,"type":...,"value":...}`. The tags of all spans are rewritten
in one pass, as OTLP's attributes are, and repeated tags only once.
Source: Jaeger, package `model/json`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial

import msgspec
import polars as pl
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.attribute_text import attributes_json, joined, parsed, service_objects
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.descriptions import distinct_rows, from_tags, per_distinct
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import JsonDialect
from incident_kit.read.spans.members import raw, texts
from incident_kit.read.spans.references import mark_follows_from, parents
from incident_kit.read.spans.span_events import NO_EVENTS, with_events
from incident_kit.read.spans.times import microseconds_ns
from incident_kit.read.trace_formats.jaeger_document import (
    NO_TAGS,
    NOTHING,
    JaegerSpan,
    JaegerTrace,
    decode,
    decode_readable,
    decode_span,
)

TAG_LIST = ListSyntax(
    before_value=tuple(
        f',"type":"{kind}","value":' for kind in ("string", "int64", "bool", "float64", "binary")
    ),
    closing="}",
    value=lambda tag: tag.get("value", ""),
)
# The API's answer when it finds no trace.
EMPTY_ANSWER = re.compile(rb'\s*\{\s*"data"\s*:\s*(?:\[\s*\]|null)\s*[,}]')
# The colon distinguishes a JSON member from a column of a table, which may have the same name.
MEMBER = re.compile(rb'"traceID"\s*:')


class _Process(Struct, gc=False):
    service: str | None = field(default=None, name="serviceName")
    tags: Raw = NO_TAGS
    fields: Raw = field(default=NOTHING, name="tag")


_PROCESSES_DECODER = msgspec.json.Decoder(dict[str | None, Raw] | None)
_PROCESS_DECODER = msgspec.json.Decoder(_Process | None, strict=False)


def _columns(traces: list[JaegerTrace[JaegerSpan]]) -> pl.DataFrame:
    """Return the recorded values, one row a span. Tags, references and processes are still JSON."""
    spans = [span for trace in traces for span in trace.spans or ()]
    return pl.DataFrame(
        {
            "trace_id": texts([span.trace_id for span in spans]),
            "span_id": texts([span.span_id for span in spans]),
            "parent_span_id": texts([span.parent_span_id for span in spans]),
            "name": texts([span.name for span in spans]),
            "start_ns": microseconds_ns([span.start for span in spans]),
            "duration_ns": microseconds_ns([span.duration for span in spans]),
            "references": raw([span.references for span in spans]),
            "tags": raw([_described(span) if len(span.logs) > NO_EVENTS else span.tags for span in spans]),
            "fields": raw([span.fields for span in spans]),
            "process": pl.Series(_processes(traces), dtype=pl.Binary),
            "own_process": raw([span.process for span in spans]),
        }
    )


def _described(span: JaegerSpan) -> bytes:
    """Return a span's tags, those of its events and status included."""
    return with_events(span.tags, TAG_LIST, events=span.logs, fields="fields")


def _processes(traces: list[JaegerTrace[JaegerSpan]]) -> list[bytes | None]:
    """Return for every span the JSON of its process; None where its trace does not have that process."""
    known = cache(_processes_by_id)  # cached because the traces of a file repeat the same processes
    found: list[bytes | None] = []
    for trace in traces:
        of_trace = known(bytes(trace.processes))
        found += [of_trace.get(span.process_id) for span in trace.spans or ()]
    return found


def _processes_by_id(written: bytes) -> Mapping[str | None, bytes]:
    try:
        processes = (_PROCESSES_DECODER.decode(written) if written else None) or {}
    except msgspec.ValidationError:
        return {}
    return {key: bytes(process) for key, process in processes.items()}


def _spans(recorded: pl.DataFrame) -> pl.DataFrame:
    parent, follows = parents(recorded)
    process = recorded["process"].fill_null(recorded["own_process"])
    alike, number = distinct_rows(recorded.select("tags", "fields", process=process, follows=follows))
    described = {
        "attributes": mark_follows_from(_objects(alike["tags"], alike["fields"]), alike["follows"]),
        "shared": per_distinct(_process_objects, alike["process"]),
        "service": per_distinct(_services, alike["process"]),
    }
    spans = recorded.select("trace_id", "span_id", "name", "start_ns", "duration_ns", parent_span_id=parent)
    return spans_from(spans, from_tags(pl.DataFrame(described)), number)


def _services(processes: pl.Series) -> pl.Series:
    return texts([_process(each).service for each in processes])


def _process_objects(written: pl.Series) -> pl.Series:
    processes = list(map(_process, written))
    tags, fields = raw([each.tags for each in processes]), raw([each.fields for each in processes])
    objects = _objects(tags.cast(pl.String), fields.cast(pl.String))
    return joined(service_objects(each.service for each in processes), objects)


def _process(text: str) -> _Process:
    try:
        return (_PROCESS_DECODER.decode(text) if text else None) or _Process()
    except msgspec.ValidationError:
        return _Process()


def _objects(tags: pl.Series, fields: pl.Series) -> pl.Series:
    """Return tags as JSON objects, joined with those that Elasticsearch stores as the fields of an object."""
    objects = per_distinct(partial(attribute_objects, syntax=TAG_LIST), tags)
    if not (fields != "").any():
        return objects
    return joined(objects, pl.Series(list(map(_field_object, fields)), dtype=pl.String))


def _field_object(fields: str) -> str:
    held = parsed(fields) if fields else {}
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
    batches=JsonDialect(decode, decode_readable, decode_span, _columns, _spans).batches,
    sample=(
        b'{"data":[{"traceID":"5b8efff798038103d269b633813fc60c","spans":[{"traceID":"5b8efff798038103d269b633'
        b'813fc60c","spanID":"eee19b7ec3c1b174","operationName":"GET /","references":[],'
        b'"startTime":1544712660000000,"duration":1000000,"tags":[{"key":"span.kind","type":"string",'
        b'"value":"server"}],"processID":"p1"}],"processes":{"p1":{"serviceName":"shop","tags":[]}}}]}'
    ),
)
