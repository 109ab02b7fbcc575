"""AWS X-Ray: segment documents, one a line or in a list, or the answer of BatchGetTraces.

A segment is what a service did, its subsegments nest in it; those with a `namespace` are calls to others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import polars as pl

from incident_kit.read.sources import Source
from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import RECORDED
from incident_kit.read.spans.dialect import SpanBatch, TraceFormat
from incident_kit.read.spans.json_documents import document_batches

DATABASE = "db.system.name"
# What X-Ray calls by its own names, and the attribute that means the same.
ATTRIBUTES = {
    ("http", "request", "method"): "http.request.method",
    ("http", "request", "url"): "url.full",
    ("http", "request", "user_agent"): "user_agent.original",
    ("http", "request", "client_ip"): "client.address",
    ("http", "response", "status"): "http.response.status_code",
    ("sql", "database_type"): DATABASE,
    ("sql", "sanitized_query"): "db.query.text",
    ("sql", "url"): "server.address",
    ("aws", "region"): "cloud.region",
    ("aws", "account_id"): "cloud.account.id",
    ("aws", "operation"): "rpc.method",
    ("aws", "table_name"): "aws.dynamodb.table_names",
    ("aws", "queue_url"): "aws.sqs.queue.url",
    ("aws", "ec2", "instance_id"): "host.id",
    ("service", "version"): "service.version",
    ("user",): "user.name",
    ("origin",): "cloud.platform",
}
CALLS = ("remote", "aws")
FAILURES = ("fault", "error", "throttle")


def _decode(document: bytes) -> Iterator[dict[str, Any]]:
    for segment in _segments(orjson.loads(document)):
        if not isinstance(segment, dict) or not {"id", "trace_id", "start_time"} <= segment.keys():
            raise ValueError("A segment has no id, trace_id and start_time.")
        is_call = segment.get("type") == "subsegment"
        yield from _spans(segment, {}, is_subsegment=is_call)


def _segments(document: Any) -> Iterator[Any]:
    """Yield the segments of a document, of a list of them, or of what the API wraps them in as text."""
    match document:
        case list():
            for each in document:
                yield from _segments(each)
        case {"Traces": traces}:
            for trace in traces:
                yield from _segments(trace)
        case {"Segments": segments}:
            yield from _segments(segments)
        case {"Document": str(text)}:
            yield orjson.loads(text)
        case {"format": "json"}:  # the header of a datagram, not a segment
            return
        case _:
            yield document


def _spans(
    segment: Mapping[str, Any], above: Mapping[str, Any], *, is_subsegment: bool
) -> Iterator[dict[str, Any]]:
    """Yield a segment and, below it, its subsegments; `above` is the span around them."""
    is_call = is_subsegment and segment.get("namespace") in CALLS
    kind = ("client" if is_call else "internal") if is_subsegment else "server"
    start, end = segment.get("start_time"), segment.get("end_time")
    attributes = {name: _held(segment, path) for path, name in ATTRIBUTES.items()}
    if isinstance(system := attributes[DATABASE], str):
        attributes[DATABASE] = system.lower()  # as OpenTelemetry spells the systems
    span = {
        "trace_id": segment.get("trace_id") or above.get("trace_id"),
        "span_id": segment.get("id"),
        "parent_span_id": segment.get("parent_id") or above.get("span_id"),
        "service": above.get("service") if is_subsegment else segment.get("name"),
        "name": segment.get("name"),
        "kind": kind,
        "start_ns": _nanoseconds(start),
        # A segment in progress has no end yet.
        "duration_ns": None if start is None or end is None else _nanoseconds(end - start),
        "status": "error" if any(segment.get(failure) for failure in FAILURES) else "unset",
        "attributes": attributes_json(
            {key: value for key, value in attributes.items() if value is not None} | _annotations(segment)
        ),
        "peer": segment.get("name") if is_call else None,
    }
    yield span
    for subsegment in segment.get("subsegments") or []:
        yield from _spans(subsegment, span, is_subsegment=True)


def _held(segment: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = segment
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _annotations(segment: Mapping[str, Any]) -> dict[str, Any]:
    annotations = segment.get("annotations")
    return annotations if isinstance(annotations, dict) else {}


def _nanoseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1e6) * 1000


def _frame(spans: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(spans, schema=RECORDED | {"peer": pl.String}, strict=False)


def _batches(sources: Iterable[Source]) -> Iterator[SpanBatch]:
    return document_batches(sources, _decode, _frame)


def _recognises(head: bytes) -> bool:
    is_segment = b'"trace_id"' in head and b'"start_time"' in head
    return is_segment or (b'"Segments"' in head and b'"Document"' in head)


FORMAT = TraceFormat(
    name="xray",
    description="AWS X-Ray segment documents, or the answer of BatchGetTraces",
    recognises=_recognises,
    batches=_batches,
    sample=(
        b'{"trace_id":"1-5b8efff7-98038103d269b633813fc60c","id":"eee19b7ec3c1b174","name":"shop",'
        b'"start_time":1544712660.0,"end_time":1544712661.0,"http":{"request":{"method":"GET",'
        b'"url":"https://shop.example/"},"response":{"status":200}}}'
    ),
)
