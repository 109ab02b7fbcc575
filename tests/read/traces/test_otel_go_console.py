"""Spans as OpenTelemetry's stdouttrace exporter for Go prints them."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
SPAN = {
    "Name": "GET /x",
    "SpanContext": {"TraceID": TRACE, "SpanID": CHILD, "TraceFlags": "01", "Remote": False},
    "Parent": {"TraceID": TRACE, "SpanID": ROOT, "TraceFlags": "01", "Remote": True},
    "SpanKind": 3,
    "StartTime": "2018-12-13T15:51:00.5+01:00",
    "EndTime": "2018-12-13T15:51:00.612345+01:00",
    "Attributes": [
        {"Key": "http.route", "Value": {"Type": "STRING", "Value": "/x"}},
        {"Key": "http.response.status_code", "Value": {"Type": "INT64", "Value": 503}},
        {"Key": "peer.service", "Value": {"Type": "STRING", "Value": "stock"}},
    ],
    "Events": [{"Name": "exception", "Attributes": [], "Time": "2018-12-13T15:51:00.6+01:00"}],
    "Links": None,
    "Status": {"Code": "Error", "Description": "timeout"},
    "Resource": [{"Key": "service.name", "Value": {"Type": "STRING", "Value": "shop"}}],
}


@pytest.mark.parametrize(
    "content",
    ["\n".join([json.dumps(SPAN)] * 3), "\n".join([json.dumps(SPAN, indent="\t")] * 3), [SPAN, SPAN, SPAN]],
    ids=["a line each", "pretty, one after the other", "a list"],
)
def test_what_the_go_exporter_prints_is_read(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    row, *others = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("otel-go-console", 0)
    assert others == [row] * 2
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, CHILD, ROOT)
    assert (row["service"], row["name"], row["kind"], row["status"]) == ("shop", "GET /x", "client", "error")
    assert (row["route"], row["http_status"], row["peer"]) == ("/x", 503, "stock")
    assert (row["start"].timestamp(), row["duration_ms"]) == (1544712660.5, 112.345)
    assert json.loads(row["attributes"])["service.name"] == "shop"


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"Parent": {"TraceID": "0" * 32, "SpanID": "0" * 16}}, "parent_span_id", None),
        ({"Parent": None}, "parent_span_id", None),
        ({"SpanKind": 0}, "kind", None),
        ({"Status": {"Code": "Unset"}}, "status", "unset"),
        ({"Status": None}, "status", None),
        ({"EndTime": "0001-01-01T00:00:00Z"}, "duration_ms", None),
        ({"Attributes": None}, "route", None),
        ({"Resource": None}, "service", None),
    ],
)
def test_the_go_exporter_leaves_out_what_is_not_known(more, column, expected, write_file: Callable) -> None:
    assert read_traces(write_file(SPAN | more)).spans[column].to_list() == [expected]


def test_a_printed_span_that_is_none_costs_only_itself(write_file: Callable) -> None:
    broken = SPAN | {"SpanContext": {"TraceID": TRACE}}
    for content in ([SPAN, broken], "\n".join(map(json.dumps, [SPAN, broken, "text"]))):
        traces = read_traces(write_file(content))
        assert traces.spans["span_id"].to_list() == [CHILD]
        assert "SpanID" in traces.rejected["reason"][0]
