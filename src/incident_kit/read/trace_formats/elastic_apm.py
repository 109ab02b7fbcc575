"""Elastic APM's documents in Elasticsearch: transactions and spans, in an answer, in a list or one a line.

A transaction is the work of one service on a request, and its spans are the parts of that work. Those that
call something else name it as their destination. Times are microseconds.
Source: Elastic, "APM data model", and the fields of the data stream `traces-apm`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl
from msgspec import Struct

from incident_kit.read.spans.attribute_text import attributes_json, service_object
from incident_kit.read.spans.columns import RECORDED, spans_from
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.json_documents import Id
from incident_kit.read.spans.members import member_at, renamed
from incident_kit.read.spans.simple_dialects import dialect_of_objects
from incident_kit.read.spans.times import microseconds_ns

EVENTS = ("transaction", "span")
# Where the values of a span are: in the document, and in its transaction or span.
OF_DOCUMENT = {
    "trace_id": ("trace", "id"),
    "parent_span_id": ("parent", "id"),
    "service": ("service", "name"),
    "start": ("timestamp", "us"),
    "outcome": ("event", "outcome"),
}
OF_EVENT = {
    "span_id": ("id",),
    "name": ("name",),
    "type": ("type",),
    "kind": ("kind",),
    "duration": ("duration", "us"),
    "peer": ("destination", "service", "resource"),
}
# Elastic's names, and OpenTelemetry's attribute of the same meaning.
ATTRIBUTES = {
    ("http", "request", "method"): "http.request.method",
    ("span", "http", "response", "status_code"): "http.response.status_code",
    ("http", "response", "status_code"): "http.response.status_code",
    ("url", "full"): "url.full",
    ("span", "db", "statement"): "db.query.text",
    ("span", "type"): "span.type",
    ("span", "subtype"): "span.subtype",
    ("transaction", "type"): "transaction.type",
    ("transaction", "result"): "transaction.result",
    ("client", "ip"): "client.address",
    ("user_agent", "original"): "user_agent.original",
    ("service", "version"): "service.version",
    ("service", "environment"): "deployment.environment.name",
    ("service", "node", "name"): "service.instance.id",
    ("host", "name"): "host.name",
    ("kubernetes", "pod", "name"): "k8s.pod.name",
}
# What a transaction is by its type. Any other is work that no request began.
TRANSACTIONS = {"request": "server", "messaging": "consumer"}
QUEUE = "messaging"
# Members with what an application attached to its spans: texts, and numbers.
LABELS = ("labels", "numeric_labels")
BESIDES: dict[str, type[pl.DataType]] = {"peer": pl.String}


class _Span(Struct):
    trace_id: Id
    span_id: Id
    start: int | float
    parent_span_id: str | None = None
    service: str | None = None
    name: str | None = None
    type: str | None = None
    kind: str | None = None
    duration: int | float | None = None
    outcome: str | None = None
    peer: str | None = None


def _documents(decoded: Any) -> list[Any]:
    return decoded if isinstance(decoded, list) else [decoded]


def _recorded(document: Any) -> dict[str, Any]:
    """Return the recorded values of a transaction or a span.

    Raises
    ------
    ValueError
        If the document is neither, as metrics and errors are, or lacks its ids or its start.
    """
    event = member_at(document, ("processor", "event"))
    if event not in EVENTS:
        raise ValueError(f"The document is no span or transaction but has the event {event}.")
    values = {name: member_at(document, path) for name, path in OF_DOCUMENT.items()}
    values |= {name: member_at(document, (event, *path)) for name, path in OF_EVENT.items()}
    span = msgspec.convert(values, _Span, strict=False)
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "service": span.service,
        "name": span.name,
        "kind": span.kind or _kind(span, event),
        "start": span.start,
        "duration": span.duration,
        "status": "error" if span.outcome == "failure" else "unset",
        "attributes": attributes_json(_attributes(document)),
        "shared": service_object(span.service),
        "peer": span.peer,
    }


def _kind(span: _Span, event: str) -> str:
    """Return the kind of a transaction by its type, and of a span by whether it has a destination."""
    if event == "transaction":
        return TRANSACTIONS.get(span.type or "", "internal")
    if not span.peer:
        return "internal"
    return "producer" if span.type == QUEUE else "client"


def _attributes(document: Mapping[str, Any]) -> dict[str, Any]:
    labels = [held for name in LABELS if isinstance(held := document.get(name), dict)]
    return renamed(document, ATTRIBUTES) | {key: value for held in labels for key, value in held.items()}


def _columns(spans: list[dict[str, Any]]) -> pl.DataFrame:
    taken = {name: [span.pop(name) for span in spans] for name in ("start", "duration")}
    times = {f"{name}_ns": microseconds_ns(written) for name, written in taken.items()}
    schema = {name: dtype for name, dtype in (RECORDED | BESIDES).items() if name not in times}
    return pl.DataFrame(spans, schema=schema, strict=False).with_columns(**times)


def _recognises(head: bytes) -> bool:
    return all(name in head for name in (b'"processor"', b'"trace"', b'"transaction"', b'"duration"'))


FORMAT = TraceFormat(
    name="elastic-apm",
    description="Elastic APM's documents: an answer of Elasticsearch, a list, or one a line",
    recognises=_recognises,
    batches=dialect_of_objects(_documents, _recorded, _columns, spans_from).batches,
    sample=(
        b'{"processor":{"event":"transaction"},"timestamp":{"us":1544712660000000},'
        b'"trace":{"id":"5b8efff798038103d269b633813fc60c"},"service":{"name":"shop"},'
        b'"transaction":{"id":"eee19b7ec3c1b174","name":"GET /","type":"request","duration":{"us":1000000}},'
        b'"http":{"request":{"method":"GET"},"response":{"status_code":200}},"event":{"outcome":"success"}}'
    ),
)
