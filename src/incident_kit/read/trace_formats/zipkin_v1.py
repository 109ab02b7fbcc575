"""Zipkin v1 JSON, whose annotations say a span's kind, who recorded it, and when it began and ended.

The conversion is that of Zipkin's V1SpanConverter. For example the annotations `cs` and `cr` are the start
and the end of a client span, and the binary annotation `sa` is the address of the server. One record may hold
what both client and server reported of a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from math import inf
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Buffer, Id, JsonDialect, SpanDecoder
from incident_kit.read.trace_formats.zipkin import (
    FIRST_VERSION,
    Endpoint,
    ZipkinSpan,
    flat,
    raw_spans,
    zipkin_columns,
)
from incident_kit.read.trace_formats.zipkin_spans import zipkin_spans


class _Side(NamedTuple):
    """The annotations that begin and end one side of a call, and the key of the other side's address."""

    begin: str
    end: str
    other: str


# The kinds of spans. Where one record holds two, the first has the record's own time and duration.
SIDES = {
    "CLIENT": _Side("cs", "cr", "sa"),
    "SERVER": _Side("sr", "ss", "ca"),
    "PRODUCER": _Side("ms", "ws", "ma"),
    "CONSUMER": _Side("mr", "", "ma"),
}
ADDRESSES = {side.other for side in SIDES.values()}
IS_ADDRESS = (True, "true", "\x01")
LOCAL_COMPONENT = "lc"
NOWHERE = Endpoint()


class _Annotation(Struct, gc=False):
    value: str | None = None
    timestamp: int | float | None = None
    endpoint: Endpoint | None = None


class _BinaryAnnotation(Struct, gc=False):
    key: str
    value: Any = None
    endpoint: Endpoint | None = None

    def is_address(self) -> bool:
        """Return whether it is the address of the other side, and not a tag of the span."""
        return self.key in ADDRESSES and self.value in IS_ADDRESS


class _Record(Struct, gc=False):
    trace_id: Id = field(name="traceId")
    span_id: Id = field(name="id")
    parent_span_id: str | None = field(default=None, name="parentId")
    name: str | None = None
    start: int | float | None = field(default=None, name="timestamp")
    duration: int | float | None = None
    annotations: list[_Annotation] | None = None
    binary: list[_BinaryAnnotation] | None = field(default=None, name="binaryAnnotations")


_DECODER = msgspec.json.Decoder(_Record | list[_Record | list[_Record]], strict=False)
_RECORD_DECODER = msgspec.json.Decoder(_Record, strict=False)


def _decode(document: Buffer) -> Iterator[ZipkinSpan]:
    return chain.from_iterable(map(_spans, flat(_DECODER.decode(document))))


def _decode_readable(document: Buffer, span_decoder: SpanDecoder[_Record]) -> Iterator[ZipkinSpan]:
    return chain.from_iterable(map(_spans, span_decoder(raw_spans(document))))


def _spans(record: _Record) -> Iterator[ZipkinSpan]:
    """Yield a span for each side of a call in a record, or one span of internal work."""
    at = {each.value: each for each in record.annotations or () if each.value}
    addresses = {each.key: each.endpoint for each in record.binary or () if each.is_address()}
    kinds = _kinds(at, addresses)
    somewhere = _first_endpoint(record)
    homes = [_home(SIDES[kind], at) or somewhere for kind in kinds] or [somewhere]
    tags = _tags(record, homes)
    for place, home in enumerate(homes):
        side = SIDES[kinds[place]] if kinds else None
        begin, length = _time(side, at)
        start, duration = (record.start, record.duration) if place == 0 else (None, None)
        yield ZipkinSpan(
            trace_id=record.trace_id,
            span_id=record.span_id,
            parent_span_id=record.parent_span_id,
            name=record.name,
            kind=kinds[place] if kinds else None,
            start=start or begin,
            duration=length if duration is None else duration,
            local=home,
            remote=addresses.get(side.other) if side else None,
            tags=Raw(attributes_json(tags[place]).encode()),
        )


def _kinds(at: Mapping[str, _Annotation], addresses: Mapping[str, Endpoint | None]) -> list[str]:
    """Return the annotated sides; if there is none, the side for whose other side there is an address."""
    annotated = [kind for kind, side in SIDES.items() if side.begin in at or side.end in at]
    return annotated or [kind for kind, side in SIDES.items() if side.other in addresses][:1]


def _home(side: _Side, at: Mapping[str, _Annotation]) -> Endpoint | None:
    """Return the endpoint that annotated a side."""
    ends = (at[name].endpoint for name in (side.begin, side.end) if name in at)
    return next(filter(None, ends), None)


def _first_endpoint(record: _Record) -> Endpoint:
    own = (each.endpoint for each in record.binary or () if not each.is_address())
    annotated = (each.endpoint for each in record.annotations or ())
    return next(filter(None, chain(own, annotated)), NOWHERE)


def _time(side: _Side | None, at: Mapping[str, _Annotation]) -> tuple[float | None, float | None]:
    """Return the start and the duration of a side in microseconds; None for each that was not annotated."""
    begin = at[side.begin].timestamp if side and side.begin in at else None
    end = at[side.end].timestamp if side and side.end in at else None
    return begin, None if begin is None or end is None else end - begin


def _tags(record: _Record, homes: list[Endpoint]) -> list[dict[str, Any]]:
    """Return the tags of each side. A tag belongs to the side that made it, or else to the first side."""
    services = [home.service for home in homes]
    tags: list[dict[str, Any]] = [{} for _ in homes]
    for each in record.binary or ():
        is_silent = each.key == LOCAL_COMPONENT and not each.value
        if not (each.is_address() or is_silent):
            made_by = each.endpoint.service if each.endpoint else None
            tags[services.index(made_by) if made_by in services else 0][each.key] = each.value
    return tags


def _recognises(head: bytes) -> bool:
    return b'"traceId"' in head and b'"id"' in head and FIRST_VERSION.search(head) is not None


FORMAT = TraceFormat(
    name="zipkin-v1-json",
    description="Zipkin v1 JSON, with annotations and binaryAnnotations",
    recognises=_recognises,
    # Infinite, so that all is one batch: the pieces of a span may be anywhere in the files.
    batches=JsonDialect(
        _decode, _decode_readable, _RECORD_DECODER.decode, zipkin_columns, zipkin_spans, inf
    ).batches,
    sample=(
        b'[{"traceId":"5b8efff798038103d269b633813fc60c","id":"eee19b7ec3c1b174","name":"GET /",'
        b'"timestamp":1544712660000000,"duration":1000000,"annotations":[{"timestamp":1544712660000000,'
        b'"value":"sr","endpoint":{"serviceName":"shop"}},{"timestamp":1544712661000000,"value":"ss",'
        b'"endpoint":{"serviceName":"shop"}}],"binaryAnnotations":[]}]'
    ),
)
