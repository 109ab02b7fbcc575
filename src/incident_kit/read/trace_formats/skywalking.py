"""SkyWalking JSON: the answer of its query API to `queryTrace` (as `swctl` prints it), or its spans alone.

A segment is what one thread of a service did for a trace, and its spans are numbered from 0. So a span is
identified by both, and a segment's first span refers to the span of another segment that caused it. Times are
milliseconds.
Source: Apache SkyWalking, `query-protocol/trace.graphqls`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Annotated, Any, Generic

import msgspec
import polars as pl
from msgspec import Meta, Raw, Struct, field

from incident_kit.read.spans.attribute_lists import list_members
from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, Span, SpanDecoder
from incident_kit.read.spans.map_columns import PAIR_LIST
from incident_kit.read.spans.span_events import event_attributes, listed_events

# The colon distinguishes a JSON member from a column of a table, which may have the same name.
SEGMENT = re.compile(rb'"segmentId"\s*:')
NS_PER_MS = 1_000_000
KINDS = {"Entry": "server", "Exit": "client", "Local": "internal"}
KINDS_OF_QUEUES = {"Entry": "consumer", "Exit": "producer", "Local": "internal"}
QUEUE = "MQ"
# The tag of the HTTP status; agents before version 9 leave out the prefix.
STATUSES = ("http.status_code", "status_code")
BESIDES: dict[str, type[pl.DataType]] = {"peer": pl.String, "http_status": pl.String}
# Milliseconds whose nanoseconds fit into 64 bits.
Milliseconds = Annotated[int, Meta(gt=-(2**62) // NS_PER_MS, lt=2**62 // NS_PER_MS)]


class _Reference(Struct, gc=False):
    trace_id: str = field(default="", name="traceId")
    segment_id: str = field(default="", name="parentSegmentId")
    span: int = field(default=0, name="parentSpanId")


class _Tag(Struct, gc=False):
    key: str
    value: Any = None


class _Span(Struct, gc=False):
    trace_id: Id = field(name="traceId")
    segment_id: Id = field(name="segmentId")
    number: int = field(name="spanId")
    above: int = field(default=-1, name="parentSpanId")
    references: list[_Reference] | None = field(default=None, name="refs")
    service: str | None = field(default=None, name="serviceCode")
    instance: str | None = field(default=None, name="serviceInstanceName")
    name: str | None = field(default=None, name="endpointName")
    type: str | None = None
    layer: str | None = None
    component: str | None = None
    peer: str | None = None
    start: Milliseconds | None = field(default=None, name="startTime")
    end: Milliseconds | None = field(default=None, name="endTime")
    failed: bool | None = field(default=None, name="isError")
    tags: list[_Tag] | None = None
    logs: Any = None

    @property
    def parent_span_id(self) -> str | None:
        """The span above in the segment, or else the one that caused the segment."""
        if self.above >= 0:
            return f"{self.segment_id}-{self.above}"
        causes = (to for to in self.references or () if to.trace_id in ("", self.trace_id))
        return next((f"{to.segment_id}-{to.span}" for to in causes), None)

    def attributes(self) -> dict[str, Any]:
        """Return the tags, and what else describes the span."""
        held = {"component": self.component, "layer": self.layer}
        events = listed_events(self.logs, "data", partial(list_members, syntax=PAIR_LIST))
        told = event_attributes(events=events)
        tags = {tag.key: tag.value for tag in self.tags or () if tag.value is not None}
        return {key: value for key, value in held.items() if value} | told | tags


class _Trace(Struct, Generic[Span], gc=False):
    spans: list[Span] | None = None


class _Document(_Trace[Span], Generic[Span], gc=False):
    data: dict[str, _Trace[Span]] | None = None
    segment_id: Raw = field(default=Raw(), name="segmentId")


_DECODER = msgspec.json.Decoder(_Document[_Span] | list[_Span], strict=False)
_LOOSE_DECODER = msgspec.json.Decoder(_Document[Raw] | list[Raw], strict=False)
_SPAN_DECODER = msgspec.json.Decoder(_Span, strict=False)


def _decode(document: Buffer) -> Iterable[_Span]:
    decoded = _DECODER.decode(document)
    if isinstance(decoded, _Document) and decoded.segment_id:
        return [_SPAN_DECODER.decode(document)]
    return _spans(decoded)


def _decode_readable(document: Buffer, span_decoder: SpanDecoder[_Span]) -> list[_Span]:
    return span_decoder(_spans(_LOOSE_DECODER.decode(document)))


def _spans(decoded: _Document[Span] | list[Span]) -> Iterator[Span]:
    """Yield the spans of a list, of a trace, or of an answer, which names its traces as the query did."""
    if isinstance(decoded, list):
        yield from decoded
    elif decoded.spans is None and decoded.data is None:
        raise ValueError("The document holds no data, spans or segmentId.")
    else:
        for trace in (decoded, *(decoded.data or {}).values()):
            yield from trace.spans or ()


def _columns(spans: list[_Span]) -> pl.DataFrame:
    return pl.DataFrame(map(_recorded, spans), schema=RECORDED | BESIDES, orient="row", strict=False)


def _recorded(span: _Span) -> tuple[Any, ...]:
    """Return the recorded values of a span, in the order of RECORDED and BESIDES."""
    attributes = span.attributes()
    resource = {"service.name": span.service, "service.instance.id": span.instance}
    kinds = KINDS_OF_QUEUES if span.layer == QUEUE else KINDS
    return (
        span.trace_id,
        f"{span.segment_id}-{span.number}",
        span.parent_span_id,
        span.service or None,
        span.name,
        kinds.get(span.type or ""),
        None if span.start is None else span.start * NS_PER_MS,
        None if span.start is None or not span.end else (span.end - span.start) * NS_PER_MS,
        "error" if span.failed else "unset",
        attributes_json(attributes),
        attributes_json({key: value for key, value in resource.items() if value}),
        span.peer or None,
        next((str(attributes[name]) for name in STATUSES if name in attributes), None),
    )


def _recognises(head: bytes) -> bool:
    return b'"spanId"' in head and b'"traceId"' in head and SEGMENT.search(head) is not None


FORMAT = TraceFormat(
    name="skywalking-json",
    description="SkyWalking JSON: the query API's answer, or spans in a list or one a line",
    recognises=_recognises,
    batches=JsonDialect(_decode, _decode_readable, _SPAN_DECODER.decode, _columns, spans_from).batches,
    sample=(
        b'{"data":{"trace":{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",'
        b'"segmentId":"eee19b7ec3c1b174","spanId":0,"parentSpanId":-1,"refs":[],"serviceCode":"shop",'
        b'"startTime":1544712660000,"endTime":1544712661000,"endpointName":"GET /","type":"Entry",'
        b'"isError":false,"layer":"Http","tags":[]}]}}}'
    ),
)
