"""OTLP as protobuf: the collector's file exporter's length-prefixed messages, or one message a file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from incident_kit.read.sources.paths import Source
from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import KINDS, RECORDED, STATUSES, spans_from
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.schema import REJECTED, conform

if TYPE_CHECKING:
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

PREFIX_BYTES = 4
# The tag byte of the first field. TracesData begins with field 1, length-delimited; ResourceSpans begins with
# field 1 or field 2.
RESOURCE_SPANS = 0x0A
RESOURCE, SCOPE_SPANS = 0x0A, 0x12
# A varint of five bytes holds lengths of up to 2^35.
VARINT_BYTES = 5


def _messages(source: Source) -> Iterator[bytes]:
    """Yield the messages of a file: each behind its length (4 bytes, big-endian), or the file as one."""
    with source.open() as stream:
        prefix = stream.read(PREFIX_BYTES)
        if prefix[:1] == bytes([RESOURCE_SPANS]):
            yield prefix + stream.read()
            return
        while len(prefix) == PREFIX_BYTES:
            yield stream.read(int.from_bytes(prefix))
            prefix = stream.read(PREFIX_BYTES)


def _batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

    for source in sources:
        for number, message in enumerate(_messages(source), start=1):
            try:
                spans, rejected = _rows(TracesData.FromString(message)), []
            except DecodeError as error:
                spans, rejected = (
                    [],
                    [(source.name, number, message[:100].hex(), f"The message is damaged: {error}.")],
                )
            yield SpanBatch(
                spans_from(pl.DataFrame(spans, schema=RECORDED, orient="row")),
                conform(pl.DataFrame(rejected, schema=list(REJECTED), orient="row"), REJECTED),
            )


def _rows(traces: TracesData) -> list[tuple[Any, ...]]:
    """Return one tuple a span, in the order of RECORDED."""
    rows: list[tuple[Any, ...]] = []
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
                    attributes_json(_attributes(span.attributes)),
                    shared_json,
                )
                for span in scope_spans.spans
            )
    return rows


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
    for message in (head, head[PREFIX_BYTES:]):
        if message[:1] == bytes([RESOURCE_SPANS]):
            length = 1 + next(
                (n for n, byte in enumerate(message[1 : 1 + VARINT_BYTES], 1) if byte < 0x80), 0
            )
            return (
                message[length : length + 1] in (bytes([RESOURCE]), bytes([SCOPE_SPANS])) and b"\x12" in head
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
