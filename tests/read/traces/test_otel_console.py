"""Spans as OpenTelemetry's ConsoleSpanExporter for Python prints them."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
SPAN = {
    "name": "a",
    "context": {"trace_id": "0x" + TRACE, "span_id": "0x" + ROOT, "trace_state": "[]"},
    "kind": "SpanKind.SERVER",
    "parent_id": "0x" + CHILD,
    "start_time": "2018-12-13T14:51:00.500000Z",
    "end_time": "2018-12-13T14:51:00.612345Z",
    "status": {"status_code": "ERROR", "description": "timeout"},
    "attributes": {"http.route": "/x", "http.status_code": 503, "retried": True},
    "events": [{"name": "exception", "timestamp": "2018-12-13T14:51:00.6Z", "attributes": {"k": "v"}}],
    "links": [],
    "resource": {"attributes": {"service.name": "shop", "host.name": "h1"}, "schema_url": ""},
}


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (json.dumps(SPAN, indent=4), 1),
        ("\n".join([json.dumps(SPAN, indent=4)] * 3) + "\n", 3),
        ("".join(json.dumps(SPAN) + "\n" for _ in range(3)), 3),
        ([SPAN, SPAN], 2),
        (json.dumps(SPAN | {"resource": {"service.name": "shop", "host.name": "h1"}}), 1),
    ],
    ids=["pretty", "pretty, one after the other", "a line each", "a list", "an old resource"],
)
def test_what_the_console_exporter_prints_is_read(content, spans, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    row, *others = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("otel-console", 0)
    assert others == [row] * (spans - 1)
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, ROOT, CHILD)
    assert (row["service"], row["name"], row["kind"], row["status"]) == ("shop", "a", "server", "error")
    assert (row["route"], row["http_status"], row["duration_ms"]) == ("/x", 503, 112.345)
    assert row["start"].timestamp() == 1544712660.5
    assert json.loads(row["attributes"]).items() >= {"host.name": "h1", "retried": "true"}.items()


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"parent_id": None}, "parent_span_id", None),
        ({"kind": "SpanKind.INTERNAL"}, "kind", "internal"),
        ({"status": {"status_code": "UNSET"}}, "status", "unset"),
        ({"status": {"status_code": "OK"}}, "status", "ok"),
        ({"end_time": None}, "duration_ms", None),
        ({"attributes": None}, "http_status", None),
        ({"resource": {"attributes": {}, "schema_url": ""}}, "service", None),
    ],
)
def test_the_console_exporter_leaves_out_what_is_not_known(
    more, column, expected, write_file: Callable
) -> None:
    assert read_traces(write_file(SPAN | more)).spans[column].to_list() == [expected]


def test_prints_of_a_program_around_the_spans_cost_only_themselves(write_file: Callable) -> None:
    lines = [json.dumps(SPAN), "listening on :8080", json.dumps(SPAN)]
    traces = read_traces(write_file("\n".join(lines)))
    assert (traces.spans.height, traces.rejected["raw"].to_list()) == (2, ["listening on :8080"])


def test_prints_of_a_program_between_pretty_spans_cost_only_themselves(write_file: Callable) -> None:
    pretty = json.dumps(SPAN, indent=4)
    printed = [
        "[2018-12-13 14:50:59] INFO listening on :8080",
        '127.0.0.1 - - [13/Dec/2018 14:51:00] "GET / HTTP/1.1" 200 -',
        '{"level": "info", "msg": "a line of JSON"}',
        "{broken",
        "2018-12-13 14:51:01 done",
    ]
    written = "\n".join(line for each in printed for line in (each, pretty))
    for content in (written, json.dumps(SPAN) + "\n" + written):  # the first line is no span, or it is one
        traces = read_traces(write_file(content))
        assert traces.trace_format == "otel-console"
        assert traces.spans.height == len(printed) + (content is not written)
        assert [raw.rstrip() for raw in traces.rejected["raw"]] == printed
        lines = content.splitlines()
        assert [lines[number - 1] for number in traces.rejected["line_number"]] == printed
