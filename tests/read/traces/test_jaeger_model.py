"""Jaeger's model in protobuf's JSON, as its gRPC query service answers."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
TRACE_64, ROOT_64, CHILD_64 = "W47/95gDgQPSabYzgT/GDA==", "7uGbfsPBsXQ=", "7uGbfsPBsXU="
SHOP = {"serviceName": "shop", "tags": [{"key": "host.name", "vStr": "h1"}]}
SPAN = {
    "traceId": TRACE_64,
    "spanId": ROOT_64,
    "operationName": "a",
    "references": [{"traceId": TRACE_64, "spanId": CHILD_64}],
    "startTime": "2018-12-13T14:51:00.500123456Z",
    "duration": "0.012s",
    "tags": [
        {"key": "http.status_code", "vType": "INT64", "vInt64": "503"},
        {"key": "span.kind", "vStr": "server"},
        {"key": "error", "vType": "BOOL", "vBool": True},
    ],
    "process": SHOP,
}
ELSEWHERE = {"traceId": "AQ==", "spanId": "AQ=="}
OF_A_MAP = {key: value for key, value in SPAN.items() if key != "process"} | {"processId": "p1"}


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (json.dumps(SPAN) + "\n" + json.dumps(SPAN) + "\n", 2),
        ([SPAN, SPAN], 2),
        ({"spans": [SPAN]}, 1),
        (json.dumps({"spans": [SPAN]}, indent=2) + "\n" + json.dumps({"spans": [SPAN]}, indent=2), 2),
        ({"result": {"spans": [SPAN]}}, 1),
        ({"spans": [OF_A_MAP], "processMap": [{"processId": "p1", "process": SHOP}]}, 1),
    ],
    ids=["a line each", "a list", "a chunk", "chunks, pretty", "a gateway's result", "a map of processes"],
)
def test_jaegers_model_is_found_in_what_wraps_it(content, spans, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    row, *others = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("jaeger-model", 0)
    assert others == [row] * (spans - 1)
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, ROOT, CHILD)
    assert (row["service"], row["kind"], row["status"], row["http_status"]) == (
        "shop",
        "server",
        "error",
        503,
    )
    assert (row["start"].timestamp(), row["duration_ms"]) == (1544712660.500123, 12)
    assert json.loads(row["attributes"])["host.name"] == "h1"


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ({"vStr": 'say "hi"'}, 'say "hi"'),
        ({"vType": "STRING", "vStr": "x"}, "x"),
        ({}, ""),
        ({"vType": "BOOL", "vBool": True}, "true"),
        ({"vType": "BOOL"}, "false"),
        ({"vType": "INT64"}, "0"),
        ({"vType": "FLOAT64", "vFloat64": 1.5}, "1.5"),
        ({"vType": "BINARY", "vBinary": "AAE="}, "AAE="),
        ({"vType": "NEW", "vStr": "x"}, "x"),
    ],
    ids=str,
)
def test_tags_of_every_type_are_text_and_what_protobuf_leaves_out_is_put_back(
    tag, text, write_file: Callable
) -> None:
    tags = [{"key": "before", "vStr": "1"}, {"key": "held", **tag}]
    (found,) = read_traces(write_file(SPAN | {"tags": tags, "process": None})).spans["attributes"]
    assert json.loads(found) == {"before": "1", "held": text}


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"references": None}, "parent_span_id", None),
        (
            {"references": [{"spanId": "AQ==", "traceId": "AQ=="}, *SPAN["references"]]},
            "parent_span_id",
            CHILD,
        ),
        ({"tags": []}, "status", "unset"),
        ({"process": None}, "service", None),
        ({"duration": "3s"}, "duration_ms", 3000),
        ({"duration": "0.000000001s"}, "duration_ms", 1e-6),
        ({"duration": "100000ns"}, "duration_ms", 0.1),
        ({"duration": "1.5ms"}, "duration_ms", 1.5),
        ({"duration": "7us"}, "duration_ms", 0.007),
        ({"duration": "7µs"}, "duration_ms", 0.007),
        ({"startTime": "2018-12-13T14:51:00Z"}, "duration_ms", 12),
    ],
)
def test_a_span_of_jaegers_model(more, column, expected, write_file: Callable) -> None:
    assert read_traces(write_file(SPAN | more)).spans[column].to_list() == [expected]


def test_a_reference_says_whether_its_parent_waited(write_file: Callable) -> None:
    references = [{"traceId": TRACE_64, "spanId": CHILD_64, "refType": "FOLLOWS_FROM"}]
    (found,) = read_traces(write_file(SPAN | {"references": references})).spans["attributes"]
    assert json.loads(found)["opentracing.ref_type"] == "follows_from"


def test_a_document_without_spans_is_rejected(write_file: Callable) -> None:
    traces = read_traces(write_file(json.dumps(SPAN) + '\n{"error": {"code": 5}}\n'))
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (1, [2])
    assert "no spans" in traces.rejected["reason"].item()


def test_a_row_of_a_table_with_these_names_stays_a_row(write_file: Callable) -> None:
    row = {
        "traceId": TRACE,
        "spanId": ROOT,
        "operationName": "a",
        "startTime": 1544712660500000,
        "duration": 9,
    }
    traces = read_traces(write_file(json.dumps(row | {"duration": 9}) + "\n"))
    assert (traces.trace_format, traces.spans["duration_ms"].to_list()) == ("otel-traces-table", [0.009])
