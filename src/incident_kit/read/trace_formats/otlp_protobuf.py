"""OTLP as protobuf: the collector's file exporter's length-prefixed messages, or one message a file.

With `compression: zstd` the file exporter writes OTLP JSON so, too.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.read.sources.paths import Source
from incident_kit.read.spans.attribute_text import as_text, attributes_json
from incident_kit.read.spans.columns import KINDS, RECORDED, STATUSES, spans_from
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.documents import Document
from incident_kit.read.spans.json_documents import chunked
from incident_kit.read.spans.prefixed_messages import first_message, messages
from incident_kit.read.spans.span_events import event_attributes
from incident_kit.read.trace_formats import otlp_json
from incident_kit.schema import REJECTED, conform

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData

# The tag byte of the first field. TracesData begins with field 1, length-delimited; ResourceSpans begins with
# field 1 or field 2.
RESOURCE_SPANS = 0x0A
RESOURCE, SCOPE_SPANS = 0x0A, 0x12
# A varint of five bytes holds lengths of up to 2^35.
VARINT_BYTES = 5
# About 20 thousand spans, enough to make the fixed cost of column operations negligible.
BATCH_BYTES = 4 * 2**20
# Only the beginning of a damaged message is kept.
RAW_BYTES = 100
NO_ID = "The span has no trace id or no span id."
# The values of a span in the order of RECORDED.
Row = tuple[Any, ...]


def _batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
    found = chain.from_iterable(map(messages, sources))
    for is_json, alike in groupby(found, key=lambda message: message.content.startswith(b"{")):
        if is_json:
            yield from otlp_json.DIALECT.batches_of(alike)
        else:
            yield from map(_batch, chunked(alike, BATCH_BYTES))


def _batch(held: list[Document]) -> SpanBatch:
    """Return the spans of some messages. Damaged messages and spans that have no ids are rejected."""
    spans: list[Row] = []
    rejected: list[tuple[str, int, str, str]] = []
    for message in held:
        rows, damage = _read(message)
        for row in rows:
            if _has_ids(row):
                spans.append(row)
            else:
                raw = as_text(dict(zip(RECORDED, row, strict=True)))
                rejected.append((message.source, message.line_number, raw, NO_ID))
        if damage:
            raw, reason = message.content[:RAW_BYTES].hex(), f"The message is damaged: {damage}."
            rejected.append((message.source, message.line_number, raw, reason))
    table = pl.DataFrame(rejected, schema=list(REJECTED), orient="row")
    return SpanBatch(spans_from(pl.DataFrame(spans, schema=RECORDED, orient="row")), conform(table, REJECTED))


def _read(message: Document) -> tuple[list[Row], str]:
    """Return the spans of a message, or what is wrong with it."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    if message.damage:
        return [], message.damage
    try:
        return _rows(TracesData.FromString(message.content)), ""
    except DecodeError as error:
        return [], str(error)


def _has_ids(row: Row) -> bool:
    trace_id, span_id, *_ = row
    return bool(trace_id and span_id)


def _rows(traces: TracesData) -> list[Row]:
    rows: list[Row] = []
    for resource_spans in traces.resource_spans:
        shared = _attributes(resource_spans.resource.attributes)
        shared_json = attributes_json(shared)
        for scope_spans in resource_spans.scope_spans:
            rows += (
                (
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    shared.get("service.name"),
                    span.name,
                    KINDS.get(str(span.kind)),
                    span.start_time_unix_nano,
                    span.end_time_unix_nano - span.start_time_unix_nano if span.end_time_unix_nano else None,
                    STATUSES.get(str(span.status.code)),
                    attributes_json(_of_events(span) | _attributes(span.attributes)),
                    shared_json,
                )
                for span in scope_spans.spans
            )
    return rows


def _of_events(span: Span) -> dict[str, str]:
    """Return the attributes that events and status tell of a span."""
    if not span.events and not span.status.message:
        return {}  # as for most spans
    events = ((event.name, _attributes(event.attributes)) for event in span.events)
    return event_attributes(span.status.message, events)


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _plain(pair.value) for pair in pairs}


def _plain(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case None:
            return ""
        case "array_value":
            return [_plain(each) for each in value.array_value.values]
        case "kvlist_value":
            return _attributes(value.kvlist_value.values)
        case "bytes_value":
            return b64encode(value.bytes_value).decode()
        case kind:
            return getattr(value, kind)


def _recognises(head: bytes) -> bool:
    """Return whether the first message begins as TracesData does: one field that holds a ResourceSpans."""
    first = first_message(head)
    if first.startswith(b"{"):
        return otlp_json.FORMAT.recognises(first)
    for message in (head, first):
        if message[:1] == bytes([RESOURCE_SPANS]):
            length = 1 + next(
                (n for n, byte in enumerate(message[1 : 1 + VARINT_BYTES], 1) if byte < 0x80), 0
            )
            return (
                message[length : length + 1] in (bytes([RESOURCE]), bytes([SCOPE_SPANS]))
                and b"\x12" in message
            )
    return False


FORMAT = TraceFormat(
    name="otlp-protobuf",
    description="OTLP protobuf: the file exporter's length-prefixed messages, or one message a file",
    recognises=_recognises,
    batches=_batches,
    sample=bytes.fromhex(
        "000000570a550a180a160a0c736572766963652e6e616d6512060a0473686f70123912370a105b8e"
        "fff798038103d269b633813fc60c1208eee19b7ec3c1b1742a05474554202f300239004859e3faeb"
        "6f15410012f41efbeb6f15"
    ),
)
