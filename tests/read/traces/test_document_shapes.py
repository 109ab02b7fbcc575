"""Traces come wrapped and spelt in many ways; each is read as what it is."""

import gzip
import json
from collections.abc import Callable

import polars as pl
import pytest
import zstandard

from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"
SHOP = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
SPAN = {
    "traceId": TRACE,
    "spanId": ROOT,
    "name": "a",
    "kind": 2,
    "startTimeUnixNano": "1544712660000000000",
    "endTimeUnixNano": "1544712661000000000",
}
RESOURCE_SPANS = {"resource": SHOP, "scopeSpans": [{"spans": [SPAN]}]}
DOCUMENT = {"resourceSpans": [RESOURCE_SPANS]}


@pytest.mark.parametrize(
    ("content", "spans"),
    [
        (json.dumps(RESOURCE_SPANS) + "\n" + json.dumps(RESOURCE_SPANS), 2),
        ([RESOURCE_SPANS, RESOURCE_SPANS], 2),
        ("[\n" + json.dumps(DOCUMENT) + ",\n" + json.dumps(DOCUMENT) + "\n]\n", 2),
        (json.dumps(DOCUMENT, indent=2) + "\n" + json.dumps(DOCUMENT, indent=2) + "\n", 2),
        ({"data": DOCUMENT}, 1),
        ({"trace": {"batches": [RESOURCE_SPANS]}}, 1),
        ({"result": DOCUMENT}, 1),
        ({"spans": DOCUMENT}, 1),
        ({"resourceSpans": [RESOURCE_SPANS | {"instrumentationLibrarySpans": [{"spans": [SPAN]}]}]}, 2),
        (json.dumps(DOCUMENT) + "\r\n" + json.dumps(DOCUMENT) + "\r\n", 2),
        ("\ufeff" + json.dumps(DOCUMENT), 1),
        ('{"resourceSpans":null}\n' + json.dumps(DOCUMENT), 1),
        ({"resourceSpans": [{"resource": None, "scopeSpans": None}, RESOURCE_SPANS]}, 1),
        (gzip.compress(json.dumps(DOCUMENT).encode()), 1),
        (zstandard.ZstdCompressor().compress(json.dumps(DOCUMENT).encode()), 1),
    ],
    ids=[
        "a resource a line", "a list of resources", "a list over lines", "pretty, one after the other",
        "data", "trace.batches", "result", "spans", "both names of scopes", "CRLF", "byte order mark", "null",
        "null scopes", "gz", "zst",
    ],
)  # fmt: skip
def test_otlp_is_found_in_what_wraps_it(content, spans, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.spans.height, traces.rejected.height) == ("otlp-json", spans, 0)
    assert set(traces.spans["service"]) == {"shop"}


def test_otlp_may_be_spelt_as_its_protobuf_fields_are(write_file: Callable) -> None:
    span = {
        "trace_id": TRACE,
        "span_id": ROOT,
        "parent_span_id": CHILD,
        "name": 'a "span_id": 5',
        "kind": "SPAN_KIND_CLIENT",
        "start_time_unix_nano": 1544712660000000000,
        "end_time_unix_nano": "1544712661000000000",
        "status": {"code": "STATUS_CODE_ERROR"},
        "attributes": [
            {"key": "http.response.status_code", "value": {"int_value": "502"}},
            {"key": "db.system.name", "value": {"string_value": "postgresql"}},
        ],
    }
    shop = {"attributes": [{"key": "service.name", "value": {"string_value": "shop"}}]}
    document = {"resource_spans": [{"resource": shop, "scope_spans": [{"spans": [span]}]}]}
    (row,) = read_traces(write_file(document)).spans.to_dicts()
    assert (row["trace_id"], row["span_id"], row["parent_span_id"]) == (TRACE, ROOT, CHILD)
    assert (row["service"], row["kind"], row["status"], row["http_status"]) == (
        "shop",
        "client",
        "error",
        502,
    )
    assert (row["name"], row["duration_ms"], row["peer"]) == ('a "span_id": 5', 1000, "postgresql")


def test_damage_after_whole_documents_costs_only_what_follows_it(write_file: Callable) -> None:
    pretty = json.dumps(DOCUMENT, indent=1)
    traces = read_traces(write_file(pretty + "\n" + pretty[:-40]))
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (1, [pretty.count("\n") + 2])


@pytest.mark.parametrize(
    ("trace_id", "expected"),
    [
        ("0x" + TRACE, TRACE),
        ("5b8efff7-9803-8103-d269-b633813fc60c", TRACE),
        ("5B8EFFF7-9803-8103-D269-B633813FC60C", TRACE),
        ("0X5B8EFFF7", "0000000000000000000000005b8efff7"),
        ("not-a-uuid", "not-a-uuid"),
    ],
)
def test_ids_have_one_spelling(trace_id, expected, write_file: Callable) -> None:
    path = write_file(f"trace_id,span_id,start,duration_ms\n{trace_id},{ROOT},1544712660,1\n")
    assert read_traces(path).spans["trace_id"].to_list() == [expected]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"key": "k", "value": {"arrayValue": None}}, "[]"),
        ({"key": "k", "value": {"kvlistValue": {"values": [{"value": {}}]}}}, "{}"),
        ({"key": "k", "value": {"stringValue": None}}, ""),
        ({"key": "k", "value": "untagged"}, "untagged"),
        ({"key": "k", "value": 5}, "5"),
        ({"key": "k"}, ""),
    ],
)
def test_odd_attribute_values_of_otlp_are_text(value, text, write_file: Callable) -> None:
    span = SPAN | {"attributes": [value]}
    traces = read_traces(write_file({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}))
    assert [json.loads(held) for held in traces.spans["attributes"]] == [{"k": text}]


ELASTIC = {
    "traceID": TRACE,
    "spanID": ROOT,
    "operationName": "a",
    "references": [],
    "startTime": 1544712660000000,
    "startTimeMillis": 1544712660000,
    "duration": 1000,
    "tags": [{"key": "http.status_code", "type": "int64", "value": "503"}, {"key": "k", "value": "no type"}],
    "tag": {"span@kind": "server"},
    "process": {"serviceName": "shop", "tags": [], "tag": {"host@name": "h1"}},
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(ELASTIC) + "\n",
        json.dumps({"_index": "jaeger-span-2018-12-13", "_source": ELASTIC}),
        {"took": 1, "hits": {"total": {"value": 1}, "hits": [{"_source": ELASTIC}]}},
        [ELASTIC],
        {"data": {"spans": [ELASTIC], "processes": None}},
        {"spans": [ELASTIC | {"tags": {"http.status_code": 503, "k": "no type"}}]},
    ],
    ids=["a line", "a hit", "a search", "a list", "one trace", "tags as an object"],
)
def test_jaegers_spans_are_found_in_what_wraps_them(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content), trace_format="jaeger-json")
    (row,) = traces.spans.to_dicts()
    assert (row["service"], row["kind"], row["http_status"], row["duration_ms"]) == ("shop", "server", 503, 1)
    assert json.loads(row["attributes"]).items() >= {"k": "no type", "host.name": "h1"}.items()
    assert traces.rejected.is_empty()


@pytest.mark.parametrize(
    ("tag", "status", "http_status"),
    [
        ({"http@status_code": "200", "error": True}, "error", 200),
        ({"http@status_code": 503, "error": "false"}, "unset", 503),
        ({"otel@status_code": "OK"}, "ok", None),
    ],
)
def test_elasticsearch_tags_that_are_fields_mean_what_tags_mean(
    tag, status, http_status, write_file: Callable
) -> None:
    document = ELASTIC | {
        "tags": [],
        "tag": tag,
        "process": {"serviceName": "shop", "tag": {"host@name": "h1"}},
    }
    (row,) = read_traces(write_file(document)).spans.to_dicts()
    assert (row["service"], row["status"], row["http_status"]) == ("shop", status, http_status)
    assert "@" not in row["attributes"]
    assert json.loads(row["attributes"])["host.name"] == "h1"


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"timestamp": 0}, "start", None),
        ({"localEndpoint": {"serviceName": ""}}, "service", None),
        ({"localEndpoint": None}, "service", None),
        ({"timestamp": "1544712660000000", "duration": "5000"}, "duration_ms", 5),
        ({"tags": None, "kind": "client", "remoteEndpoint": {"serviceName": "mysql"}}, "peer", "mysql"),
        ({"tags": {"http.status_code": 502}}, "http_status", 502),
    ],
)
def test_zipkin_leaves_out_what_it_does_not_know(more, column, expected, write_file: Callable) -> None:
    span = {"traceId": TRACE, "id": ROOT, "timestamp": 1544712660000000, "duration": 5000} | more
    assert read_traces(write_file([span])).spans[column].to_list() == [expected]


XRAY = {"trace_id": "1-5b8efff7-98038103d269b633813fc60c", "id": ROOT, "name": "shop", "start_time": 1.0}


@pytest.mark.parametrize(
    "content",
    [
        {"Segments": [{"Id": ROOT, "Document": json.dumps(XRAY)}]},
        {"Segments": [{"Id": ROOT, "Document": XRAY}]},
        {"Traces": [{"Segments": [{"Document": json.dumps(XRAY)}]}], "UnprocessedTraceIds": []},
        {"TraceSegmentDocuments": [json.dumps(XRAY) + "\n"]},
        '{"format": "json", "version": 1}\n' + json.dumps(XRAY),
        '{"format": "json", "version": 1}\n' + json.dumps(XRAY, indent=4),
        [XRAY],
    ],
    ids=[
        "segments", "parsed already", "BatchGetTraces", "PutTraceSegments",
        "what the daemon receives", "the same, pretty", "a list",
    ],
)  # fmt: skip
def test_xrays_segments_are_found_in_what_wraps_them(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    assert (traces.trace_format, traces.spans.height, traces.rejected.height) == ("xray", 1, 0)


def test_a_subsegment_that_came_alone_belongs_to_the_service_around_it(write_file: Callable) -> None:
    deeper = {"type": "subsegment", "id": "a2", "parent_id": "a1", "name": "deeper"}
    lone = {"type": "subsegment", "id": "a1", "parent_id": ROOT, "name": "api", "namespace": "remote"}
    spans = read_traces(write_file([XRAY | deeper, XRAY | lone, XRAY])).spans
    assert dict(spans.select("name", "service").iter_rows()) == dict.fromkeys(
        ("deeper", "api", "shop"), "shop"
    )


def test_an_empty_service_name_is_none(write_file: Callable) -> None:
    path = write_file(f"trace_id,span_id,service,start,duration_s\n{TRACE},{ROOT},,1544712660,1\n")
    assert read_traces(path).spans.select(pl.col("service").null_count()).item() == 1


@pytest.mark.parametrize(
    ("document", "trace_format"),
    [
        (DOCUMENT, "otlp-json"),
        (ELASTIC, "jaeger-json"),
        ({"data": [{"spans": [ELASTIC], "processes": {}}]}, "jaeger-json"),
        ([{"traceId": TRACE, "id": ROOT, "timestamp": 5, "duration": 5}], "zipkin-json"),
        (XRAY, "xray"),
    ],
    ids=["OTLP", "Elasticsearch", "Jaeger", "Zipkin", "X-Ray"],
)
@pytest.mark.parametrize("between", ["", " ", "\t"])
def test_documents_may_follow_one_another_on_a_line(
    document, trace_format, between, write_file: Callable
) -> None:
    line = between.join([json.dumps(document)] * 3)
    for content in (line, f"{line}\n{line}\n"):
        traces = read_traces(write_file(content))
        assert (traces.trace_format, traces.rejected.height) == (trace_format, 0)
        assert traces.spans.height == 3 * len(content.splitlines())


def test_of_documents_on_one_line_the_broken_one_costs_only_what_follows_it(write_file: Callable) -> None:
    whole = json.dumps(DOCUMENT)
    traces = read_traces(write_file(f"{whole}\n{whole}{whole}{whole[:-9]}\n"))
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (3, [2])
    assert traces.rejected["raw"].to_list() == [whole[:-9]]


@pytest.mark.parametrize(
    ("answer", "trace_format"),
    [
        ('{"data":[]}', "jaeger-json"),
        ('{"data": [], "total": 0, "limit": 0, "offset": 0, "errors": null}\n', "jaeger-json"),
        ('{\n  "data": [\n  ],\n  "total": 0\n}', "jaeger-json"),
        ("[]", "zipkin-json"),
        ('{"resourceSpans":[]}', "otlp-json"),
        ('{"batches":[]}', "otlp-json"),
        ('{"Traces":[],"UnprocessedTraceIds":[]}', "xray"),
    ],
)
def test_an_answer_without_traces_is_of_a_known_format_and_has_no_spans(
    answer, trace_format, write_file: Callable
) -> None:
    traces = read_traces(write_file(answer))
    assert (traces.trace_format, traces.spans.height, traces.rejected.height) == (trace_format, 0, 0)
    assert repr(traces) == f"Traces({trace_format}: 0 spans in 0 traces, 0 rejected)"


def test_what_jaeger_answers_instead_of_a_trace_is_the_reason(write_file: Callable) -> None:
    answer = {"data": None, "total": 0, "errors": [{"code": 404, "msg": "trace not found"}]}
    assert read_traces(write_file(answer)).rejected["reason"].to_list() == [
        "Jaeger answered: trace not found."
    ]


def test_a_line_whose_beginning_was_cut_off_costs_only_itself(write_file: Callable) -> None:
    line = json.dumps(DOCUMENT)
    traces = read_traces(write_file(f"{line[40:]}\n{line}\n{line}\n"))
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (2, [1])


def test_a_span_with_neither_attributes_nor_times_of_its_own_is_a_span(write_file: Callable) -> None:
    bare = {"traceId": TRACE, "spanId": ROOT}
    (row,) = read_traces(
        write_file({"resourceSpans": [{"scopeSpans": [{"spans": [bare]}]}]})
    ).spans.to_dicts()
    assert (row["start"], row["duration_ms"], row["service"], row["attributes"]) == (None, None, None, "{}")


@pytest.mark.parametrize(
    ("references", "parent"),
    [
        ([{"spanID": CHILD}], CHILD),
        ([{"span": {"spanID": CHILD}, "spanID": CHILD}], CHILD),
        ([{"refType": "CHILD_OF", "traceID": TRACE, "spanID": CHILD}], CHILD),
        ([{"refType": "CHILD_OF", "traceID": TRACE, "spanID": None}], None),
        ([None], None),
        ("none", None),
        (5, None),
        (None, None),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["compact", "spaced"])
def test_a_reference_of_jaeger_may_say_more_or_less_than_usual(
    references, parent, separators, write_file: Callable
) -> None:
    span = json.dumps(ELASTIC | {"references": references}, separators=separators)
    traces = read_traces(write_file(span))
    assert (traces.spans["parent_span_id"].to_list(), traces.rejected.height) == ([parent], 0)


def test_spans_that_differ_only_in_one_part_of_their_description_stay_apart(write_file: Callable) -> None:
    """Descriptions are looked up once each; none may be taken for another."""
    tags, process = ELASTIC["tags"], ELASTIC["process"]
    follows = [{"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": CHILD}]
    others = [
        {"tags": [*tags, {"key": "k2", "type": "string", "value": "v"}]},
        {"tag": {"span@kind": "client"}},
        {"references": follows},
        {"process": process | {"serviceName": "cart"}},
        {"process": process | {"tag": {"host@name": "h2"}}},
    ]
    lines = [ELASTIC | other for other in ({}, *others, {}, *others)]
    rows = read_traces(write_file("\n".join(map(json.dumps, lines)))).spans.to_dicts()
    described = [(row["service"], row["kind"], row["attributes"]) for row in rows]
    assert described[:6] == described[6:]
    assert len(set(described)) == 6
    assert [service for service, *_ in described[:6]] == ["shop"] * 4 + ["cart", "shop"]
    assert [kind for _, kind, *_ in described[:6]] == ["server", "server", "client", *["server"] * 3]


@pytest.mark.parametrize(
    "document",
    [
        {"Spans": [ELASTIC]},
        {"traces": [{"spans": [ELASTIC]}]},
        {"spans": [ELASTIC]},
        {"data": [{"spans": [ELASTIC]}]},
    ],
    ids=["Spans", "traces", "spans", "data"],
)
def test_jaegers_spans_are_found_whatever_they_are_wrapped_in(document, write_file: Callable) -> None:
    assert read_traces(write_file(document)).spans.equals(read_traces(write_file(ELASTIC)).spans)
