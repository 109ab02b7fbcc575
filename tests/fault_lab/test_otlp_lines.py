"""Lines of traces are what the collector's file exporter writes."""

from __future__ import annotations

import json

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from fault_lab.recording import merged_spans
from fault_lab.services.otlp_lines import OtlpLineExporter, to_line
from fault_lab.services.telemetry import mark_failed


def spans() -> list[ReadableSpan]:
    """A server span with a failed client span in it."""
    memory = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "shop"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(memory))
    tracer = provider.get_tracer("test")
    with (
        tracer.start_as_current_span("GET /cart/{id}", kind=SpanKind.SERVER),
        tracer.start_as_current_span("GET /carts/{id}", kind=SpanKind.CLIENT) as call,
    ):
        call.set_attribute("http.response.status_code", 502)
        mark_failed(call, "502")
    return list(memory.get_finished_spans())


def test_a_line_is_one_traces_data() -> None:
    line = to_line(spans())
    assert "\n" not in line
    (resource,) = json.loads(line)["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "shop"}} in resource["resource"]["attributes"]
    (scope,) = resource["scopeSpans"]
    assert len(scope["spans"]) == 2


def test_ids_are_hexadecimal_times_are_strings_and_enums_are_numbers() -> None:
    client, server = json.loads(to_line(spans()))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert len(client["traceId"]) == 32
    assert int(client["traceId"], 16)
    assert client["parentSpanId"] == server["spanId"]
    assert "parentSpanId" not in server
    assert isinstance(client["startTimeUnixNano"], str)
    assert (server["kind"], client["kind"]) == (2, 3)
    assert client["status"] == {"code": 2}


def test_integer_attributes_are_strings() -> None:
    client, _ = json.loads(to_line(spans()))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert {"key": "http.response.status_code", "value": {"intValue": "502"}} in client["attributes"]


def test_batches_of_several_processes_are_merged_by_the_time_of_their_last_span(tmp_path) -> None:
    early, late = spans(), spans()
    for name, batches in {"shop": [late], "cart": [early]}.items():
        exporter = OtlpLineExporter(tmp_path / name)
        for batch in batches:
            exporter.export(batch)
        exporter.shutdown()
        assert exporter.exported == 2
    merged = merged_spans([tmp_path / "shop", tmp_path / "cart"])
    assert [line.strip() for line in merged] == [to_line(early), to_line(late)]
