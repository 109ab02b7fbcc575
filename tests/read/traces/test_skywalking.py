"""SkyWalking's spans, which are numbered in segments."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.traces import read_traces

ANSWER = json.loads(known_formats()["skywalking-json"].sample)
(SPAN,) = ANSWER["data"]["trace"]["spans"]
TRACE, SEGMENT = SPAN["traceId"], SPAN["segmentId"]
LINES = json.dumps(SPAN) + "\n" + json.dumps(SPAN | {"spanId": 1}) + "\n"


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (ANSWER, 1),
        (json.dumps(ANSWER, indent=2), 1),
        ({"data": {"queryTrace": {"spans": [SPAN]}}}, 1),
        ({"spans": [SPAN]}, 1),
        ([SPAN, SPAN | {"spanId": 1}], 2),
        (LINES, 2),
        ({"data": {"trace": {"spans": [SPAN, SPAN | {"spanId": "first"}]}}}, 1),
    ],
    ids=["an answer", "pretty", "another name", "swctl", "a list", "a span a line", "one is none"],
)
def test_spans_are_found_in_what_wraps_them(content, spans: int, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.spans.height) == ("skywalking-json", spans)
    assert traces.rejected.height == ('"first"' in json.dumps(content))


def refers(segment: str, span: int, trace: str = TRACE) -> dict:
    return {"traceId": trace, "parentSegmentId": segment, "parentSpanId": span, "type": "CROSS_PROCESS"}


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({}, "span_id", f"{SEGMENT}-0"),
        ({}, "parent_span_id", None),
        ({"spanId": 2, "parentSpanId": 0, "refs": [refers("b", 1)]}, "parent_span_id", f"{SEGMENT}-0"),
        ({"refs": [refers("b", 1)]}, "parent_span_id", "b-1"),
        ({"refs": [refers("a", 3, "ff"), refers("b", 1)]}, "parent_span_id", "b-1"),
        ({"refs": [refers("a", 3, "ff")]}, "parent_span_id", None),
        ({"traceId": "a12ff60b-5807-463b-a1f8-fb1c8608219e"}, "trace_id", "a12ff60b5807463ba1f8fb1c8608219e"),
        ({"type": "Exit", "peer": "db:3306"}, "kind", "client"),
        ({"type": "Exit", "peer": "db:3306"}, "peer", "db:3306"),
        ({"type": "Exit", "layer": "MQ"}, "kind", "producer"),
        ({"type": "Entry", "layer": "MQ"}, "kind", "consumer"),
        ({"type": "Local"}, "kind", "internal"),
        ({"isError": True}, "status", "error"),
        ({}, "status", "unset"),
        ({"tags": [{"key": "http.status_code", "value": "503"}]}, "http_status", 503),
        ({"tags": [{"key": "status_code", "value": "503"}]}, "http_status", 503),
        ({}, "duration_ms", 1000),
        ({"endTime": 0}, "duration_ms", None),
        ({"serviceCode": ""}, "service", None),
    ],
)
def test_a_span_of_skywalking(more: dict, column: str, expected, write_file: Callable) -> None:
    (span,) = read_traces(write_file([SPAN | more])).spans.to_dicts()
    assert span[column] == expected


def test_what_describes_a_span_is_among_its_attributes(write_file: Callable) -> None:
    tags = [{"key": "http.method", "value": "GET"}, {"key": "x", "value": None}]
    told = {"tags": tags, "serviceInstanceName": "i-1", "component": "Tomcat"}
    (held,) = read_traces(write_file([SPAN | told])).spans["attributes"]
    assert json.loads(held) == {
        "component": "Tomcat",
        "layer": "Http",
        "http.method": "GET",
        "service.name": "shop",
        "service.instance.id": "i-1",
    }


@pytest.mark.parametrize("odd", [{"startTime": 10**18}, {"endTime": -(10**30)}, {"parentSpanId": "a"}])
def test_a_span_that_is_none_costs_only_itself(odd: dict, write_file: Callable) -> None:
    traces = read_traces(write_file([SPAN, SPAN | odd]))
    assert (traces.spans.height, traces.rejected.height) == (1, 1)
