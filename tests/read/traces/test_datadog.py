"""Datadog's spans, whose ids are decimal numbers of half a trace id."""

import json
from collections.abc import Callable

import pytest

from incident_kit.read.spans.dialect import known_formats
from incident_kit.read.traces import read_traces

((SPAN,),) = json.loads(known_formats()["datadog-json"].sample)
HALF, ROOT = f"{SPAN['trace_id']:016x}", f"{SPAN['span_id']:016x}"
WHOLE = f"5b8efff700000000{HALF}"
# Greater than a signed number of 64 bits.
CHILD = SPAN | {"span_id": 17_000_000_000_000_000_001, "parent_id": SPAN["span_id"], "meta": {}}
LINES = json.dumps(SPAN) + "\n" + json.dumps(CHILD) + "\n"


@pytest.mark.parametrize(
    "content",
    [[[SPAN, CHILD]], [[SPAN], [CHILD]], [SPAN, CHILD], {"traces": [[CHILD, SPAN]]}, LINES],
    ids=["a trace", "a trace in two lists", "a list of spans", "a payload", "a span a line"],
)
def test_all_spans_of_a_trace_have_its_whole_id(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.rejected.height) == ("datadog-json", 0)
    spans = traces.spans.sort("parent_span_id", nulls_last=False)
    assert spans.select("trace_id", "span_id", "parent_span_id").rows() == [
        (WHOLE, ROOT, None),
        (WHOLE, "ebec21ee1da40001", ROOT),
    ]


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"meta": {}}, "trace_id", f"{0:016x}{HALF}"),
        ({"trace_id": WHOLE}, "trace_id", WHOLE),
        ({"trace_id": HALF, "meta": {}}, "trace_id", f"{0:016x}{HALF}"),
        ({"span_id": "987654321098765432"}, "span_id", ROOT),
        ({}, "name", "GET /"),
        ({"resource": ""}, "name", "web.request"),
        ({}, "kind", "server"),
        ({"type": "sql"}, "kind", "client"),
        ({"type": "sql", "meta": {"span.kind": "server"}}, "kind", "server"),
        ({"type": ""}, "kind", "internal"),
        ({"error": 1}, "status", "error"),
        ({}, "status", "unset"),
        ({"type": "http", "meta": {"out.host": "api"}}, "peer", "api"),
        ({"type": "sql", "meta": {"out.host": "pg", "db.system": "postgresql"}}, "peer", "postgresql"),
        ({"meta": {"http.status_code": "503"}}, "http_status", 503),
        ({}, "duration_ms", 1000),
    ],
)
def test_a_span_of_datadog(more: dict, column: str, expected, write_file: Callable) -> None:
    (span,) = read_traces(write_file([[SPAN | more]])).spans.to_dicts()
    assert span[column] == expected


def test_tags_numbers_and_the_operation_are_attributes(write_file: Callable) -> None:
    told = {"meta": {"env": "prod"}, "metrics": {"rows": 3}}
    (held,) = read_traces(write_file([[SPAN | told]])).spans["attributes"]
    assert json.loads(held) == {
        "operation.name": "web.request",
        "span.type": "web",
        "rows": "3",
        "env": "prod",
        "service.name": "shop",
    }


@pytest.mark.parametrize("odd", [{"start": 10**30}, {"duration": "long"}, {"span_id": None}, {"error": "x"}])
def test_a_span_that_is_none_costs_only_itself(odd: dict, write_file: Callable) -> None:
    traces = read_traces(write_file([[SPAN, CHILD | odd]]))
    assert (traces.spans["span_id"].to_list(), traces.rejected.height) == ([ROOT], 1)
