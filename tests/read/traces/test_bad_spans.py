"""One bad span costs itself alone: the rest of its document is read, and `rejected` says which it was."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.traces import Traces, read_traces
from tests.laws import examples

TRACE = "5b8efff798038103d269b633813fc60c"
XRAY_TRACE = "1-5b8efff7-98038103d269b633813fc60c"


def otlp(spans: list[dict]) -> dict:
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans[:2]}, {"spans": spans[2:]}]}]}


def jaeger(spans: list[dict]) -> dict:
    return {"data": [{"spans": spans, "processes": {"p1": {"serviceName": "shop"}}}]}


def zipkin(spans: list[dict]) -> list:
    return [spans[:1], spans[1:]]


def xray(spans: list[dict]) -> dict:
    segments = [{"Id": str(n), "Document": json.dumps(span)} for n, span in enumerate(spans)]
    return {"Traces": [{"Segments": segments}]}


# How a dialect wraps spans, one that is whole, and what makes it none.
DIALECTS = {
    "otlp-json": (
        otlp,
        {"traceId": TRACE, "name": "a", "startTimeUnixNano": "1000", "endTimeUnixNano": "2000"},
        "spanId",
        [{"startTimeUnixNano": "noon"}, {"name": 5}, {"traceId": ""}, {"spanId": None}, {"status": "fine"}],
    ),
    "otlp-spans": (
        list,
        {"traceId": TRACE, "name": "a", "startTimeUnixNano": "1000", "endTimeUnixNano": "2000"},
        "spanId",
        [{"startTimeUnixNano": "noon"}, {"name": 5}, {"traceId": ""}, {"resource": 5}],
    ),
    "jaeger-json": (
        jaeger,
        {"traceID": TRACE, "operationName": "a", "startTime": 1, "duration": 1, "processID": "p1"},
        "spanID",
        [{"duration": {}}, {"operationName": []}, {"traceID": None}, {"spanID": ""}],
    ),
    "jaeger-model": (
        lambda spans: {"spans": spans},
        {"traceId": TRACE, "operationName": "a", "startTime": "2018-12-13T14:51:00Z", "duration": "1s"},
        "spanId",
        [{"duration": {}}, {"operationName": []}, {"traceId": None}, {"spanId": ""}, {"process": "shop"}],
    ),
    "zipkin-json": (
        zipkin,
        {"traceId": TRACE, "timestamp": 10, "duration": 5, "localEndpoint": {"serviceName": "shop"}},
        "id",
        [{"timestamp": "noon"}, {"localEndpoint": "shop"}, {"traceId": 5}, {"id": ""}],
    ),
    "zipkin-v1-json": (
        zipkin,
        {"traceId": TRACE, "timestamp": 10, "duration": 5, "binaryAnnotations": []},
        "id",
        [{"timestamp": "noon"}, {"annotations": 5}, {"traceId": 5}, {"binaryAnnotations": [{}]}],
    ),
    "xray": (
        xray,
        {"trace_id": XRAY_TRACE, "name": "shop", "start_time": 1.5, "end_time": 2.0},
        "id",
        [{"start_time": "noon"}, {"trace_id": None}, {"end_time": []}, {"name": {}}],
    ),
}


def read(document: object, trace_format: str) -> Traces:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "traces.json"
        path.write_text(json.dumps(document))
        return read_traces(path, trace_format=trace_format)


@pytest.mark.parametrize("name", sorted(DIALECTS))
@given(data=st.data())
@examples(20)
def test_bad_spans_are_rejected_and_only_they(name: str, data: st.DataObject) -> None:
    wrap, whole, id_key, damages = DIALECTS[name]
    damage = data.draw(st.lists(st.none() | st.sampled_from(damages), min_size=1, max_size=6))
    spans = [whole | {id_key: f"{n:016x}"} | (bad or {}) for n, bad in enumerate(damage, 1)]
    traces = read(wrap(spans), name)
    good = [span[id_key] for span, bad in zip(spans, damage, strict=True) if not bad]
    bad = [span for span, bad in zip(spans, damage, strict=True) if bad]
    assert sorted(traces.spans["span_id"]) == sorted(good)
    assert all(
        held.items() <= json.loads(raw).items() for held, raw in zip(bad, traces.rejected["raw"], strict=True)
    )
    assert traces.rejected["line_number"].to_list() == [1] * len(bad)
    assert all(traces.rejected["reason"])


def test_a_bad_subsegment_costs_neither_its_segment_nor_its_siblings(write_file: Callable) -> None:
    bad, good = {"id": "b1", "name": "b", "start_time": {}}, {"id": "c1", "name": "c", "start_time": 1.6}
    segment = DIALECTS["xray"][1] | {"id": "a1", "subsegments": [bad, good, 7]}
    traces = read_traces(write_file(segment))
    assert traces.spans["name"].to_list() == ["shop", "c"]
    assert traces.spans["service"].to_list() == ["shop", "shop"]
    assert ["b1" in raw or raw == "7" for raw in traces.rejected["raw"]] == [True, True]


def test_of_several_lines_the_one_with_the_bad_span_is_named(write_file: Callable) -> None:
    whole = DIALECTS["otlp-json"][1] | {"spanId": "eee19b7ec3c1b174"}
    lines = [otlp([whole]), otlp([whole, whole | {"kind": []}]), otlp([whole])]
    traces = read_traces(write_file("\n".join(map(json.dumps, lines))))
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (3, [2])
    assert "kind" in traces.rejected["reason"].item()


def test_a_span_with_odd_attributes_is_a_span(write_file: Callable) -> None:
    whole = DIALECTS["otlp-json"][1] | {"spanId": "eee19b7ec3c1b174"}
    odd = [None, {"http.route": "/"}, 7, [{"value": {"stringValue": "nameless"}}, None], []]
    traces = read_traces(write_file(otlp([whole | {"attributes": attributes} for attributes in odd])))
    assert traces.rejected.is_empty()
    assert traces.spans["attributes"].to_list() == ["{}", '{"http.route":"/"}', "{}", "{}", "{}"]
    assert isinstance(traces.spans["route"].dtype, pl.String)


@pytest.mark.parametrize(
    ("trace_format", "key", "value"),
    [
        ("zipkin-json", "tags", "none"),
        ("zipkin-json", "tags", [5]),
        ("zipkin-json", "timestamp", "NaN"),
        ("zipkin-json", "duration", 1e300),
        ("otlp-json", "attributes", [{"key": ["k"], "value": {"stringValue": "v"}}]),
        ("xray", "end_time", 2**63),
        ("otel-traces-table", "timestamp", 2**70),
        ("otel-traces-table", "duration_nano", 2**63),
        ("otel-traces-table", "tags", [{"key": "k", "value": "v"}, None]),
    ],
)
def test_one_odd_value_ends_no_reading(trace_format, key, value, write_file: Callable) -> None:
    table = {"trace_id": "a" * 32, "span_id": "b" * 16, "timestamp": 1544712660000000000, "tags": None}
    wrap, whole, id_key, _ = DIALECTS.get(trace_format, (list, table, "span_id", ()))
    spans = [whole | {id_key: f"{1:016x}"}, whole | {id_key: f"{2:016x}", key: value}]
    traces = read_traces(write_file(wrap(spans)), trace_format=trace_format)
    assert traces.spans.height + traces.rejected.height == 2
    assert traces.spans.height > 0
