"""OTLP spans that stand alone, each with its resource in it."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
SHOP = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
SPAN = {
    "traceId": TRACE,
    "spanId": ROOT,
    "parentSpanId": CHILD,
    "name": "a",
    "kind": 2,
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": "1544712661000000000",
    "attributes": [{"key": "http.route", "value": {"stringValue": "/x"}}],
    "status": {"code": 2},
}
LONE = SPAN | {"resource": SHOP, "instrumentationScope": {"name": "library"}}
AS_FIELDS = {
    "trace_id": TRACE,
    "span_id": ROOT,
    "parent_span_id": CHILD,
    "name": "a",
    "kind": "SPAN_KIND_SERVER",
    "start_time_unix_nano": 1544712660000000000,
    "end_time_unix_nano": 1544712661000000000,
    "attributes": [{"key": "http.route", "value": {"string_value": "/x"}}],
    "status": {"code": "STATUS_CODE_ERROR"},
    "resource": {"attributes": [{"key": "service.name", "value": {"string_value": "shop"}}]},
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(LONE) + "\n",
        json.dumps(LONE, indent=2),
        [LONE],
        LONE | {"resource": {"attributes": {"service.name": "shop"}}},
        LONE | {"attributes": {"http.route": "/x"}},
        AS_FIELDS,
    ],
    ids=["a line", "pretty", "a list", "a plain resource", "plain attributes", "protobuf's field names"],
)
def test_a_span_alone_has_the_service_of_the_resource_in_it(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    (row,) = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("otlp-spans", 0)
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, ROOT, CHILD)
    assert (row["service"], row["kind"], row["status"], row["route"]) == ("shop", "server", "error", "/x")
    assert (row["duration_ms"], row["start"].timestamp()) == (1000, 1544712660)


def test_spans_alone_keep_each_its_own_service(write_file: Callable) -> None:
    cart = {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]}
    lines = [LONE, LONE | {"spanId": CHILD, "resource": cart}, SPAN]
    traces = read_traces(write_file("\n".join(map(json.dumps, lines))))
    assert traces.spans["service"].to_list() == ["shop", "cart", None]


def test_a_row_of_a_table_with_otlps_names_stays_a_row(write_file: Callable) -> None:
    row = {
        "traceId": TRACE,
        "spanId": ROOT,
        "startTimeUnixNano": "1544712660000000000",
        "endTimeUnixNano": "1544712661000000000",
        "serviceName": "shop",
    }
    traces = read_traces(write_file(json.dumps(row) + "\n"))
    assert (traces.trace_format, traces.spans["service"].to_list()) == ("otel-traces-table", ["shop"])
