"""What events and status of a span tell of it becomes attributes, in whatever dialect they were written."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

import incident_kit as ik

TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
NOON_NS, NOON = 1_767_614_400_000_000_000, "2026-01-05T12:00:00.000000Z"
TYPE, MESSAGE, DESCRIPTION = "exception.type", "exception.message", "otel.status_description"
EXCEPTION = {TYPE: "KeyError", MESSAGE: 'no "sku"\nin cart'}
FLAG = {"feature_flag.key": "new_cart", "feature_flag.variant": "on"}
TOLD = EXCEPTION | {"feature_flag.new_cart": "on", DESCRIPTION: "cart is broken"}
STACK = {"exception.stacktrace": "Traceback ..."}


def pairs(members: dict[str, str], value: Callable[[str], Any]) -> list[dict[str, Any]]:
    return [{"key": key, **value(text)} for key, text in members.items()]


def otlp(own: dict[str, str]) -> Any:
    def tagged(members: dict[str, str]) -> list[dict[str, Any]]:
        return pairs(members, lambda text: {"value": {"stringValue": text}})

    span = {
        "traceId": TRACE, "spanId": SPAN, "name": "GET /", "kind": 2,
        "startTimeUnixNano": str(NOON_NS), "endTimeUnixNano": str(NOON_NS + 10**6),
        "status": {"code": 2, "message": TOLD[DESCRIPTION]}, "attributes": tagged(own),
        "events": [
            {"name": "exception", "attributes": tagged({TYPE: "Retried", MESSAGE: "a former one"})},
            {"name": "exception", "attributes": tagged(EXCEPTION | STACK)},
            {"name": "feature_flag", "attributes": tagged(FLAG)},
            {"name": "message", "attributes": tagged({MESSAGE: "no exception"})},
        ],
    }  # fmt: skip
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def otlp_protobuf(own: dict[str, str]) -> bytes:
    document = otlp(own)
    span = document["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span |= {name: b64encode(bytes.fromhex(span[name])).decode() for name in ("traceId", "spanId")}
    return ParseDict(document, TracesData()).SerializeToString()


def jaeger(own: dict[str, str]) -> Any:
    def tagged(members: dict[str, str]) -> list[dict[str, Any]]:
        return pairs(members, lambda text: {"type": "string", "value": text})

    span = {
        "traceID": TRACE, "spanID": SPAN, "operationName": "GET /", "startTime": NOON_NS // 1000,
        "duration": 1000, "tags": tagged({DESCRIPTION: TOLD[DESCRIPTION], **own}),
        "logs": [
            {"fields": tagged({"event": "exception", **EXCEPTION, **STACK})},
            {"fields": tagged({"event": "feature_flag", **FLAG})},
        ],
    }  # fmt: skip
    return {"data": [{"traceID": TRACE, "spans": [span], "processes": {}}]}


def jaeger_model(own: dict[str, str]) -> Any:
    def tagged(members: dict[str, str]) -> list[dict[str, Any]]:
        return pairs(members, lambda text: {"vStr": text})

    span = {
        "traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ=", "operationName": "GET /",
        "startTime": NOON, "duration": "0.001s", "process": {"serviceName": "shop"},
        "tags": tagged({DESCRIPTION: TOLD[DESCRIPTION], **own}),
        "logs": [
            {"timestamp": NOON, "fields": tagged({"event": "exception", **EXCEPTION})},
            {"timestamp": NOON, "fields": tagged({"event": "feature_flag", **FLAG})},
        ],
    }  # fmt: skip
    return {"spans": [span]}


def console(own: dict[str, str]) -> Any:
    return {
        "name": "GET /", "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{SPAN}"},
        "kind": "SpanKind.SERVER", "parent_id": None, "start_time": NOON, "end_time": NOON,
        "status": {"status_code": "ERROR", "description": TOLD[DESCRIPTION]}, "attributes": own,
        "events": [
            {"name": "exception", "timestamp": NOON, "attributes": EXCEPTION | STACK},
            {"name": "feature_flag", "timestamp": NOON, "attributes": FLAG},
        ],
        "resource": {"attributes": {"service.name": "shop"}},
    }  # fmt: skip


def go_console(own: dict[str, str]) -> Any:
    def tagged(members: dict[str, str]) -> list[dict[str, Any]]:
        return [{"Key": key, "Value": {"Type": "STRING", "Value": text}} for key, text in members.items()]

    return {
        "Name": "GET /", "SpanContext": {"TraceID": TRACE, "SpanID": SPAN}, "SpanKind": 2,
        "StartTime": NOON, "EndTime": NOON, "Attributes": tagged(own),
        "Events": [
            {"Name": "exception", "Attributes": tagged(EXCEPTION), "Time": NOON},
            {"Name": "feature_flag", "Attributes": tagged(FLAG), "Time": NOON},
        ],
        "Status": {"Code": "Error", "Description": TOLD[DESCRIPTION]},
    }  # fmt: skip


def clickhouse(own: dict[str, str]) -> Any:
    return {
        "Timestamp": NOON, "TraceId": TRACE, "SpanId": SPAN, "Duration": "1000000", "StatusCode": "Error",
        "StatusMessage": TOLD[DESCRIPTION], "SpanAttributes": own,
        "Events.Name": ["sent", "exception", "feature_flag"],
        "Events.Attributes": [{"bytes": "12"}, EXCEPTION | STACK, FLAG],
    }  # fmt: skip


DIALECTS = {
    "otlp-json": otlp,
    "otlp-protobuf": otlp_protobuf,
    "jaeger-json": jaeger,
    "jaeger-model": jaeger_model,
    "otel-console": console,
    "otel-go-console": go_console,
    "otel-traces-table": clickhouse,
}


def attributes_read(content: Any, write_file: Callable) -> tuple[str, dict[str, str]]:
    traces = ik.read_traces(write_file(content))
    assert (traces.spans.height, traces.rejected.height) == (1, 0)
    return traces.trace_format, json.loads(traces.spans["attributes"][0])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "own",
    [{}, {"http.route": "/"}, {"http.route": "/", MESSAGE: "its own"}],
    ids=["none", "one", "same name"],
)
def test_exception_and_description_become_attributes_that_the_span_lacks(
    dialect: str, own: dict[str, str], write_file: Callable
) -> None:
    found, attributes = attributes_read(DIALECTS[dialect](own), write_file)
    attributes.pop("service.name", None)
    assert found == dialect
    assert attributes == TOLD | own


def test_what_opentracing_calls_them_is_known(write_file: Callable) -> None:
    document = jaeger({})
    names = {TYPE: "error.kind", MESSAGE: "message", "event": "event"}
    (exception, _) = document["data"][0]["spans"][0]["logs"]
    for field in exception["fields"]:
        field["key"] = names.get(field["key"], "stack")
        field["value"] = "error" if field["key"] == "event" else field["value"]
    assert attributes_read(document, write_file) == ("jaeger-json", TOLD)


@pytest.mark.parametrize("value", ["feature_flag.result.variant", "feature_flag.result.value"])
def test_a_flag_has_its_last_value_by_any_of_its_names(value: str, write_file: Callable) -> None:
    flags = [{"feature_flag.key": "new_cart", value: text} for text in ("off", "true")]
    names = {"name": "feature_flag.evaluation", "timestamp": NOON}
    document = console({}) | {"events": [names | {"attributes": flag} for flag in flags]}
    _, attributes = attributes_read(document, write_file)
    assert attributes["feature_flag.new_cart"] == "true"


def test_the_exception_that_was_thrown_is_taken_from_x_rays_causes(write_file: Callable) -> None:
    causes = [
        {"id": "1", "type": TOLD[TYPE], "message": TOLD[MESSAGE], "stack": []},
        {"id": "2", "type": "IndexError", "message": "below it"},
    ]
    segment = {
        "trace_id": f"1-{TRACE[:8]}-{TRACE[8:]}", "id": SPAN, "name": "shop", "start_time": 1.5,
        "end_time": 2.5, "fault": True, "cause": {"working_directory": "/", "exceptions": causes},
    }  # fmt: skip
    assert attributes_read(segment, write_file) == ("xray", EXCEPTION)


def test_skywalkings_logs_of_errors_are_read(write_file: Callable) -> None:
    data = [{"key": "event", "value": "error"}, {"key": "error.kind", "value": TOLD[TYPE]}]
    data += [{"key": "message", "value": TOLD[MESSAGE]}, {"key": "stack", "value": "at ..."}]
    span = {
        "traceId": TRACE, "segmentId": SPAN, "spanId": 0, "parentSpanId": -1, "serviceCode": "shop",
        "startTime": 1_767_614_400_000, "endTime": 1_767_614_400_001, "endpointName": "GET /",
        "type": "Entry", "isError": True, "logs": [{"time": 1, "data": data}],
    }  # fmt: skip
    found, attributes = attributes_read({"data": {"trace": {"spans": [span]}}}, write_file)
    assert (found, attributes) == ("skywalking-json", {"service.name": "shop"} | EXCEPTION)


@pytest.mark.parametrize("write", ["csv", "parquet", "text"])
def test_events_of_clickhouse_are_read_from_any_type_of_column(write: str, write_file: Callable) -> None:
    events = [{"bytes": "12"}, EXCEPTION, FLAG]
    written = {
        "parquet": [pairs(fields, lambda text: {"value": text}) for fields in events],
        "csv": json.dumps(events),
        "text": """[{'bytes':'12'},{'exception.type':'KeyError','exception.message':'no "sku"\nin cart'},"""
        """{'feature_flag.key':'new_cart','feature_flag.variant':'on'}]""",
    }
    row = clickhouse({}) | {"SpanAttributes": "{}", "Events.Name": "['sent','exception']"}
    row["Events.Attributes"] = written[write]
    path = write_file("")
    table = pl.DataFrame([row])
    if write == "parquet":
        table.write_parquet(path)
    else:
        table.write_csv(path)
    _, attributes = attributes_read(path.read_bytes(), write_file)
    assert attributes == TOLD


def replaced(held: Any, names: set[str], value: Any) -> Any:
    """Return a document with another value for the members of these names."""
    if isinstance(held, list):
        return [replaced(each, names, value) for each in held]
    if not isinstance(held, dict):
        return held
    return {name: value if name in names else replaced(each, names, value) for name, each in held.items()}


@pytest.mark.parametrize("events", [{"exception": 1}, ["exception"], [{"name": "exception"}], "exception", 7])
@pytest.mark.parametrize("dialect", ["otlp-json", "jaeger-json", "otel-console", "otel-go-console"])
def test_events_of_another_shape_cost_no_span(dialect: str, events: Any, write_file: Callable) -> None:
    shape = replaced(DIALECTS[dialect]({}), {"events", "logs", "Events"}, events)
    _, attributes = attributes_read(shape, write_file)
    assert attributes.get(DESCRIPTION) == TOLD[DESCRIPTION]
    assert TYPE not in attributes
