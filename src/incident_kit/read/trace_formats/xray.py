"""AWS X-Ray: segment documents, one a line or in a list, and the API's answers and requests.

A segment is the work of one service on a request. Its subsegments are nested in it; those with a `namespace`
are calls to other services. For example, a segment `shop` with a subsegment `DynamoDB` in the namespace `aws`
becomes a server span `shop` and below it a client span of `shop` with the peer `DynamoDB`.
Source: AWS documentation, "AWS X-Ray segment documents".
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Annotated, Any

import msgspec
import polars as pl
from msgspec import Meta, Struct

from incident_kit.read.spans.attribute_text import attributes_json
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Id
from incident_kit.read.spans.members import member_at, renamed
from incident_kit.read.spans.simple_dialects import dialect_of_objects
from incident_kit.read.spans.span_events import MESSAGE, TYPE, event_attributes
from incident_kit.read.trace_formats.xray_document import flat_segments

DATABASE = "db.system.name"
# X-Ray's names, and OpenTelemetry's attribute of the same meaning.
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
# Members of the answer of BatchGetTraces and of the request of PutTraceSegments.
OF_THE_API = (b'"UnprocessedTraceIds"', b'"TraceSegmentDocuments"')
CALLS = ("remote", "aws")
FAILURES = ("fault", "error", "throttle")


# Seconds whose nanoseconds fit into 64 bits.
Seconds = Annotated[float, Meta(gt=-9e9, lt=9e9)]


class _Segment(Struct):
    """The members that make a segment or a subsegment a span. All others only describe it."""

    trace_id: Id
    id: Id
    start_time: Seconds
    end_time: Seconds | None = None
    name: str | None = None
    parent_id: str | None = None
    service_name: str | None = None
    is_subsegment: bool = False
    namespace: str | None = None


def _span(document: Any) -> dict[str, Any]:
    """Return the recorded values of a segment or subsegment.

    Raises
    ------
    msgspec.ValidationError
        If it has no ids or no start, or its times are not numbers.
    """
    segment = msgspec.convert(document, _Segment, strict=False)
    is_call = segment.is_subsegment and segment.namespace in CALLS
    attributes = renamed(document, ATTRIBUTES)
    if isinstance(system := attributes.get(DATABASE), str):
        attributes[DATABASE] = system.lower()  # because OpenTelemetry writes the names in lower case
    # A segment in progress has no end yet.
    length = None if segment.end_time is None else segment.end_time - segment.start_time
    return {
        "trace_id": segment.trace_id,
        "span_id": segment.id,
        "parent_span_id": segment.parent_id,
        "service": segment.service_name,
        "name": segment.name,
        "kind": ("client" if is_call else "internal") if segment.is_subsegment else "server",
        "start_ns": _nanoseconds(segment.start_time),
        "duration_ns": None if length is None else _nanoseconds(length),
        "status": "error" if any(document.get(failure) for failure in FAILURES) else "unset",
        "attributes": attributes_json(_failure(document) | attributes | _annotations(document)),
        "peer": segment.name if is_call else None,
    }


def _failure(segment: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that tell of the exception that was thrown; those below caused it."""
    exceptions = member_at(segment, ("cause", "exceptions"))
    thrown = exceptions[0] if isinstance(exceptions, list) and exceptions else None
    found = renamed(thrown, {("type",): TYPE, ("message",): MESSAGE})
    return event_attributes(events=[("exception", found)])


def _annotations(segment: Mapping[str, Any]) -> dict[str, Any]:
    annotations = segment.get("annotations")
    return annotations if isinstance(annotations, dict) else {}


def _nanoseconds(seconds: float) -> int:
    """Return the nanoseconds of some seconds, rounded to microseconds, because a float is no more precise."""
    return round(seconds * 1e6) * 1000


def _columns(spans: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(spans, schema=RECORDED | {"peer": pl.String}, strict=False)


def _with_services(spans: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS; subsegments that were delivered alone get the service of the segment around them."""
    while True:
        known = spans.filter(pl.col("service").is_not_null()).select(
            "trace_id", parent_span_id="span_id", around="service"
        )
        above = spans.join(
            known.unique(["trace_id", "parent_span_id"]),
            on=["trace_id", "parent_span_id"],
            how="left",
            maintain_order="left",
        )
        service = above.select(pl.coalesce("service", "around").alias("service")).to_series()
        if service.null_count() == spans["service"].null_count():
            return spans_from(spans)
        spans = spans.with_columns(service)


def _recognises(head: bytes) -> bool:
    is_segment = all(key in head for key in (b'"trace_id"', b'"id"', b'"start_time"'))
    is_answer = b'"Segments"' in head and b'"Document"' in head
    return is_segment or is_answer or any(name in head for name in OF_THE_API)


FORMAT = TraceFormat(
    name="xray",
    description="AWS X-Ray segment documents, or the answer of BatchGetTraces",
    recognises=_recognises,
    # Infinite, so that all is one batch: the segment around a subsegment may be anywhere in the files.
    batches=dialect_of_objects(flat_segments, _span, _columns, _with_services, inf).batches,
    sample=(
        b'{"trace_id":"1-5b8efff7-98038103d269b633813fc60c","id":"eee19b7ec3c1b174","name":"shop",'
        b'"start_time":1544712660.0,"end_time":1544712661.0,"http":{"request":{"method":"GET",'
        b'"url":"https://shop.example/"},"response":{"status":200}}}'
    ),
)
