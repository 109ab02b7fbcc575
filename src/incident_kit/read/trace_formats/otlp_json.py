"""OTLP as JSON: the collector's file exporter, Tempo's `batches`, the streaming API's `result`.

Attributes are lists of tagged values, `{"key":"http.method","value":{"stringValue":"GET"}}`. They are
rewritten to JSON objects in all spans at once, and each distinct list only once.
Source: OpenTelemetry Protocol specification, section "JSON Protobuf Encoding".
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from incident_kit.read.spans.attribute_lists import ListSyntax, attribute_objects
from incident_kit.read.spans.columns import spans_from
from incident_kit.read.spans.descriptions import Numbers, distinct_rows, per_distinct
from incident_kit.read.spans.dialect import TraceFormat
from incident_kit.read.spans.ids import DIGITS, ids_from_base64
from incident_kit.read.spans.json_documents import JsonDialect
from incident_kit.read.spans.members import raw, texts
from incident_kit.read.spans.span_events import NO_EVENTS, with_events
from incident_kit.read.trace_formats.otlp_document import (
    OtlpSpan,
    SpansOfResource,
    decode,
    decode_readable,
    decode_span,
)
from incident_kit.schema import attribute

HOLDERS = ("resourceSpans", "scopeSpans", "instrumentationLibrarySpans", "resource_spans", "scope_spans")
# Tempo's answer for a trace without spans.
EMPTY_ANSWER = re.compile(rb'\s*\{\s*(?:"trace"\s*:\s*\{\s*)?"batches"\s*:\s*\[\s*\]')


def _plain_value(tagged: Any) -> Any:
    """Return the content of a tagged value, such as `{"arrayValue": {"values": [...]}}`, as plain JSON."""
    match tagged:
        case {"arrayValue": held}:
            return [_plain_value(each) for each in _values(held)]
        case {"kvlistValue": held}:
            return {pair["key"]: _plain_value(pair.get("value")) for pair in _values(held) if "key" in pair}
        case {"bytesValue": held} | {"stringValue": held}:
            return "" if held is None else held
        case dict():
            return next(iter(tagged.values()), "")
        case None:
            return ""
        case _:  # a value without a tag
            return tagged


def _values(held: Any) -> list[Any]:
    return (held.get("values") or []) if isinstance(held, dict) else []


OTLP_LIST = ListSyntax(
    before_value=tuple(
        f',"value":{{"{kind}":' for kind in ("stringValue", "intValue", "boolValue", "doubleValue")
    ),
    closing="}}",
    value=lambda pair: _plain_value(pair.get("value")),
)


def otlp_columns(resources: list[SpansOfResource]) -> pl.DataFrame:
    """Return the recorded values of the spans, one row a span.

    The attributes of spans and of their resources are still JSON.
    """
    spans = [span for _, of_resource in resources for span in of_resource]
    owner = np.repeat(np.arange(len(resources)), [len(of_resource) for _, of_resource in resources])
    # Dictionary-encode the resources: there are few, each with many spans, and comparing numbers is faster
    # than comparing texts.
    shared = pl.Series([str(attributes, "utf-8") for attributes, _ in resources], dtype=pl.Categorical)
    return pl.DataFrame(
        {
            "trace_id": texts([span.trace_id for span in spans]),
            "span_id": texts([span.span_id for span in spans]),
            "parent_span_id": texts([span.parent_span_id for span in spans]),
            "name": texts([span.name for span in spans]),
            "kind": texts([span.kind for span in spans]),
            "start_ns": _times([span.start for span in spans]),
            "end_ns": _times([span.end for span in spans]),
            "status": texts([span.status.code if span.status else 0 for span in spans]),
            "attributes": raw([_described(span) if _may_tell(span) else span.attributes for span in spans]),
            "shared": shared[owner],
        }
    )


def _may_tell(span: OtlpSpan) -> bool:
    """Return whether events or status may tell anything of a span, as few do."""
    return len(span.events) > NO_EVENTS or bool(span.status and span.status.message)


def _described(span: OtlpSpan) -> bytes:
    """Return a span's attributes, those of its events and status included."""
    said = span.status.message if span.status else None
    return with_events(span.attributes, OTLP_LIST, description=said, events=span.events, fields="attributes")


def _times(times: list[int | float | None]) -> pl.Series:
    return pl.Series(times, dtype=pl.Int64, strict=False)


def otlp_spans(recorded: pl.DataFrame) -> pl.DataFrame:
    """Return SPANS from the recorded values of spans."""
    ids = {name: ids_from_base64(recorded[name], digits) for name, digits in DIGITS.items()}
    # A span without an end was still open when it was written.
    duration = recorded["end_ns"].replace(0, None) - recorded["start_ns"]
    spans = recorded.select("name", "kind", "start_ns", "status", duration_ns=duration, **ids)
    return spans_from(spans, *_descriptions(recorded))


def _descriptions(recorded: pl.DataFrame) -> tuple[pl.DataFrame, Numbers]:
    """Return the distinct descriptions (attributes of span and resource), and each span's own by number."""
    alike, number = distinct_rows(recorded.select("attributes", "shared"))
    alike = alike.cast({pl.Categorical: pl.String})
    objects = partial(attribute_objects, syntax=OTLP_LIST)
    described = alike.select(
        per_distinct(objects, alike[name]).alias(name) for name in ("attributes", "shared")
    )
    return described.with_columns(service=per_distinct(_services, described["shared"])), number


def _services(resources: pl.Series) -> pl.Series:
    return pl.DataFrame({"shared": resources}).select(attribute("service.name", "shared")).to_series()


def _recognises(head: bytes) -> bool:
    return any(f'"{name}"'.encode() in head for name in HOLDERS) or EMPTY_ANSWER.match(head) is not None


DIALECT = JsonDialect(decode, decode_readable, decode_span, otlp_columns, otlp_spans)
FORMAT = TraceFormat(
    name="otlp-json",
    description="OTLP JSON: lines of the collector's file exporter, or one document",
    recognises=_recognises,
    batches=DIALECT.batches,
    sample=(
        b'{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},'
        b'"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",'
        b'"name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000",'
        b'"endTimeUnixNano":"1544712661000000000","status":{}}]}]}]}'
    ),
)
