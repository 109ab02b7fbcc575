"""What is particular to each dialect, as it is seen in files that people published."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from incident_kit.errors import ParameterError, SourceError
from incident_kit.read.traces import read_traces

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b175"


def otlp(span: dict, key: str = "resourceSpans", scope: str = "scopeSpans") -> dict:
    whole = {
        "traceId": TRACE,
        "spanId": ROOT,
        "name": "a",
        "startTimeUnixNano": "1000",
        "endTimeUnixNano": "2000",
    }
    return {key: [{"resource": {}, scope: [{"spans": [whole | span]}]}]}


def jaeger(*spans: dict) -> dict:
    usual = {"traceID": TRACE, "operationName": "a", "startTime": 1, "duration": 1, "processID": "p1"}
    return {
        "data": [
            {
                "traceID": TRACE,
                "spans": [usual | s for s in spans],
                "processes": {"p1": {"serviceName": "shop"}},
            }
        ]
    }


def zipkin(span_id: str, service: str, **more: object) -> dict:
    return {
        "traceId": TRACE,
        "id": span_id,
        "localEndpoint": {"serviceName": service},
        "timestamp": 10,
        "duration": 5,
    } | more


@pytest.mark.parametrize(
    ("span", "column", "expected"),
    [
        ({"traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ="}, "trace_id", TRACE),
        ({"traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ="}, "span_id", ROOT),
        ({"traceId": TRACE.upper()}, "trace_id", TRACE),
        ({"parentSpanId": "0000000000000000"}, "parent_span_id", None),
        ({"parentSpanId": ""}, "parent_span_id", None),
        ({"kind": "SPAN_KIND_SERVER"}, "kind", "server"),
        ({"kind": "3"}, "kind", "client"),
        ({"kind": 0}, "kind", None),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, "status", "error"),
        ({"status": {"code": 1, "message": "fine"}}, "status", "ok"),
        ({"status": None}, "status", "unset"),
        ({"startTimeUnixNano": 1000, "endTimeUnixNano": 4000}, "duration_ms", 0.003),
        ({"endTimeUnixNano": "0"}, "duration_ms", None),
        ({}, "service", None),
    ],
)
def test_otlp_spells_one_thing_in_many_ways(span, column, expected, write_file: Callable) -> None:
    assert read_traces(write_file(otlp(span))).spans[column].to_list() == [expected]


@pytest.mark.parametrize(
    "document",
    [
        otlp({}, scope="instrumentationLibrarySpans"),
        otlp({}, key="batches"),
        {"result": otlp({})},
        {"trace": otlp({})},
        [otlp({}), {"resourceSpans": []}],
    ],
    ids=["an old name of the scopes", "Tempo's batches", "the streaming API", "Tempo's second API", "a list"],
)
def test_otlp_comes_wrapped_in_many_ways(document, write_file: Callable) -> None:
    traces = read_traces(write_file(document))
    assert (traces.trace_format, traces.spans.height, traces.rejected.height) == ("otlp-json", 1, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"stringValue": 'a "quoted"}}, text'}, 'a "quoted"}}, text'),
        ({"intValue": "42"}, "42"),
        ({"intValue": 42}, "42"),
        ({"doubleValue": 1.5}, "1.5"),
        ({"boolValue": True}, "true"),
        ({"bytesValue": "AAE="}, "AAE="),
        ({"arrayValue": {"values": [{"stringValue": "x"}, {"intValue": "1"}]}}, '["x","1"]'),
        ({"kvlistValue": {"values": [{"key": "k", "value": {"boolValue": False}}]}}, '{"k":false}'),
        ({}, ""),
    ],
    ids=lambda value: str(value)[:24],
)
def test_otlp_attribute_values_of_every_type_are_text(value, text, write_file: Callable) -> None:
    attributes = [{"key": "before", "value": {"stringValue": "1"}}, {"key": "held", "value": value}]
    (found,) = read_traces(write_file(otlp({"attributes": attributes}))).spans["attributes"]
    assert json.loads(found) == {"before": "1", "held": text}


def test_a_spans_own_attribute_wins_over_its_resources(write_file: Callable) -> None:
    document = otlp({"attributes": [{"key": "k", "value": {"stringValue": "own"}}]})
    document["resourceSpans"][0]["resource"] = {
        "attributes": [{"key": "k", "value": {"stringValue": "shared"}}]
    }
    assert read_traces(write_file(document)).spans["attributes"].to_list() == ['{"k":"own"}']


@pytest.mark.parametrize(
    ("kind", "attributes", "peer"),
    [
        (3, {"db.system.name": "postgresql", "server.address": "10.0.0.1"}, "postgresql"),
        (3, {"service.peer.name": "ledger", "db.system.name": "postgresql"}, "ledger"),
        (3, {"peer.service": "cart", "net.peer.name": "10.0.0.1"}, "cart"),
        (3, {"server.address": "api.example"}, "api.example"),
        (4, {"messaging.system": "kafka", "server.address": "10.0.0.1"}, "kafka"),
        (2, {"server.address": "shop.example"}, None),
        (3, {"url.full": "https://user@api.example:8443/v1?x=//y"}, "api.example"),
        (3, {"http.url": "http://[::1]:80/"}, "[::1]"),
        (3, {"server.address": "api", "http.url": "http://10.0.0.1/"}, "api"),
        (3, {"http.url": "/v1"}, None),
        (2, {"http.url": "http://shop.example/"}, None),
        (0, {"http.url": "http://shop.example/"}, None),
        (3, {}, None),
    ],
)
def test_who_was_called_is_named_by_the_best_name_there_is(
    kind, attributes, peer, write_file: Callable
) -> None:
    pairs = [{"key": key, "value": {"stringValue": value}} for key, value in attributes.items()]
    assert read_traces(write_file(otlp({"kind": kind, "attributes": pairs}))).spans["peer"].to_list() == [
        peer
    ]


def refers(kind: str, span_id: str, trace_id: str = TRACE) -> dict:
    return {"refType": kind, "traceID": trace_id, "spanID": span_id}


@pytest.mark.parametrize(
    ("references", "parent"),
    [
        ([refers("CHILD_OF", CHILD)], CHILD),
        ([refers("FOLLOWS_FROM", ROOT), refers("CHILD_OF", CHILD)], CHILD),
        ([refers("CHILD_OF", ROOT, "ff"), refers("CHILD_OF", CHILD)], CHILD),
        ([refers("CHILD_OF", ROOT, "ff"), refers("FOLLOWS_FROM", CHILD)], CHILD),
        ([refers("FOLLOWS_FROM", "1a2b3c4d5e6f7")], "0001a2b3c4d5e6f7"),
        ([refers("FOLLOWS_FROM", ROOT, "ff")], None),
        ([refers("FOLLOWS_FROM", ROOT, "ff"), refers("FOLLOWS_FROM", ROOT, "fe")], None),
        ([refers("CHILD_OF", CHILD, f"00{TRACE}")], CHILD),
        ([], None),
        (None, None),
    ],
    ids=[
        "one",
        "a child rather than a follower",
        "its own trace rather",
        "its own trace before all",
        "zeros lost",
        "a link into another trace",
        "links into other traces",
        "zeros more",
        "none",
        "null",
    ],
)
def test_of_jaegers_references_the_best_is_the_parent(references, parent, write_file: Callable) -> None:
    spans = read_traces(write_file(jaeger({"spanID": ROOT, "references": references}))).spans
    assert spans["parent_span_id"].to_list() == [parent]


def test_a_span_that_follows_is_marked_as_opentelemetry_marks_it(write_file: Callable) -> None:
    reference = {"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": CHILD}
    (found,) = read_traces(write_file(jaeger({"spanID": ROOT, "references": [reference]}))).spans[
        "attributes"
    ]
    assert json.loads(found)["opentracing.ref_type"] == "follows_from"


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ({"key": "error", "type": "bool", "value": True}, "error"),
        ({"key": "error", "type": "bool", "value": "true"}, "error"),
        ({"key": "error", "type": "string", "value": "ClientSideError"}, "error"),
        ({"key": "error", "type": "bool", "value": False}, "unset"),
        ({"key": "otel.status_code", "type": "string", "value": "ERROR"}, "error"),
        ({"key": "otel.status_code", "type": "string", "value": "OK"}, "ok"),
    ],
)
def test_jaegers_error_tag_is_whatever_a_client_wrote(tag, status, write_file: Callable) -> None:
    assert read_traces(write_file(jaeger({"spanID": ROOT, "tags": [tag]}))).spans["status"].to_list() == [
        status
    ]


def test_elasticsearch_keeps_tags_as_fields_and_wraps_documents(write_file: Callable) -> None:
    span = jaeger({"spanID": ROOT, "tag": {"span@kind": "client", "http@status_code": "503"}})["data"][0][
        "spans"
    ][0]
    span |= {"process": {"serviceName": "shop", "tag": {"host@name": "h1"}}}
    for document in (span, {"_source": span}, {"hits": {"hits": [{"_source": span}]}}):
        row = read_traces(write_file(document), trace_format="jaeger-json").spans.row(0, named=True)
        assert (row["service"], row["kind"], row["http_status"]) == ("shop", "client", 503)
        assert json.loads(row["attributes"])["host.name"] == "h1"


def test_ids_that_are_not_hexadecimal_and_a_start_of_0_are_kept(write_file: Callable) -> None:
    (row,) = read_traces(write_file(jaeger({"spanID": "span-1", "startTime": 0}))).spans.to_dicts()
    assert (row["span_id"], row["start"].year) == ("span-1", 1970)


def test_zipkins_shared_id_becomes_client_and_server(write_file: Callable) -> None:
    document = [
        zipkin(ROOT, "shop", kind="CLIENT", timestamp=10, duration=50),
        zipkin(ROOT, "cart", kind="SERVER", shared=True, timestamp=20, duration=30),
        zipkin("a1", "cart", parentId=ROOT, timestamp=25, duration=5),
        zipkin("a2", "shop", parentId=ROOT, timestamp=11, duration=1),
    ]
    spans = {
        row["service"] + (row["kind"] or ""): row
        for row in read_traces(write_file(document)).spans.to_dicts()
    }
    client, server = spans["shopclient"], spans["cartserver"]
    assert client["span_id"] == ROOT
    assert server["span_id"] not in {ROOT, None}
    assert server["parent_span_id"] == ROOT
    assert spans["cartinternal"]["parent_span_id"] == server["span_id"]
    assert spans["shopinternal"]["parent_span_id"] == ROOT


def test_zipkins_pieces_of_one_span_are_put_together(write_file: Callable) -> None:
    first = zipkin(ROOT, "shop", kind="CLIENT", name="get", tags={"a": "1"})
    del first["duration"]
    second = {"traceId": TRACE, "id": ROOT, "duration": 7, "tags": {"b": "2"}}
    (row,) = read_traces(write_file([[first], [second]])).spans.to_dicts()
    assert (row["service"], row["name"], row["duration_ms"]) == ("shop", "get", 0.007)
    assert json.loads(row["attributes"]) == {"a": "1", "b": "2", "service.name": "shop"}


def test_zipkins_whole_spans_that_came_twice_stay_two_deliveries(write_file: Callable) -> None:
    assert read_traces(write_file([zipkin(ROOT, "shop"), zipkin(ROOT, "shop")])).spans.height == 2


@pytest.mark.parametrize(
    ("more", "column", "expected"),
    [
        ({"tags": {"error": ""}}, "status", "error"),
        ({"tags": {"http.status_code": 404}}, "http_status", 404),
        ({"kind": "CLIENT", "remoteEndpoint": {"serviceName": "mysql"}}, "peer", "mysql"),
        ({"kind": "CLIENT", "remoteEndpoint": {"ipv4": "10.0.0.1"}}, "peer", "10.0.0.1"),
        ({"kind": "SERVER", "remoteEndpoint": {"serviceName": "browser"}}, "peer", None),
        ({"timestamp": None}, "start", None),
        ({"traceId": "463ac35c9f6413ad"}, "trace_id", "0000000000000000463ac35c9f6413ad"),
    ],
)
def test_zipkin_spans(more, column, expected, write_file: Callable) -> None:
    assert read_traces(write_file([zipkin(ROOT, "shop", **more)])).spans[column].to_list() == [expected]


SEGMENT = {
    "trace_id": "1-5b8efff7-98038103d269b633813fc60c",
    "id": ROOT,
    "name": "shop",
    "start_time": 1544712660.5,
    "end_time": 1544712661.0,
    "http": {"request": {"method": "GET", "url": "https://shop.example/"}, "response": {"status": 500}},
    "fault": True,
    "annotations": {"tenant": 7},
    "subsegments": [
        {
            "id": CHILD,
            "name": "orders",
            "namespace": "remote",
            "start_time": 1544712660.6,
            "in_progress": True,
            "cause": "7f9f2f0a4e2f6d7e",
            "sql": {"database_type": "PostgreSQL"},
        }
    ],
}


def test_xray_segments_serve_and_remote_subsegments_call(write_file: Callable) -> None:
    server, client = read_traces(write_file(SEGMENT)).spans.to_dicts()
    assert (server["trace_id"], server["kind"], server["status"], server["http_status"]) == (
        TRACE,
        "server",
        "error",
        500,
    )
    assert server["duration_ms"] == 500
    assert json.loads(server["attributes"])["tenant"] == "7"
    assert (client["parent_span_id"], client["kind"], client["service"]) == (ROOT, "client", "shop")
    assert (client["peer"], client["duration_ms"]) == ("postgresql", None)


def test_xray_answers_hold_documents_as_text(write_file: Callable) -> None:
    answer = {
        "Traces": [{"Id": SEGMENT["trace_id"], "Segments": [{"Id": ROOT, "Document": json.dumps(SEGMENT)}]}]
    }
    assert read_traces(write_file(answer)).spans.height == 2


def test_a_table_of_another_layout_is_read_by_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "spans.csv"
    pl.DataFrame(
        {
            "trace": [TRACE],
            "id": [ROOT],
            "app": ["shop"],
            "begin": [1_544_712_660_500],
            "took": [12.5],
            "pod": ["p-1"],
        }
    ).write_csv(path)
    columns = {
        "trace_id": "trace",
        "span_id": "id",
        "service": "app",
        "start": "begin",
        "duration_ms": "took",
    }
    (row,) = read_traces(path, columns=columns).spans.to_dicts()
    assert (row["service"], row["duration_ms"], row["start"].microsecond) == ("shop", 12.5, 500_000)
    assert json.loads(row["attributes"]) == {"pod": "p-1"}
    assert (row["kind"], row["status"], row["name"]) == (None, None, None)


@pytest.mark.parametrize(
    "time",
    [
        "2018-12-13 14:51:00.500000000",
        "2018-12-13T14:51:00.5Z",
        "2018-12-13T16:51:00.5+02:00",
        "1544712660.5",
        "1544712660500",
    ],
)
def test_times_in_tables_are_read_however_they_are_written(time: str, write_file: Callable) -> None:
    path = write_file(f"Timestamp,TraceId,SpanId,Duration\n{time},{TRACE},{ROOT},1000\n")
    (start,) = read_traces(path).spans["start"].dt.epoch("ms")
    assert start == 1_544_712_660_500


def test_clickhouses_maps_as_text_are_attributes(write_file: Callable) -> None:
    path = write_file(
        "Timestamp\tTraceId\tSpanId\tDuration\tSpanAttributes\n"
        f"2018-12-13 14:51:00\t{TRACE}\t{ROOT}\t1000\t" + "{'http.route':'/it\\'s','k':'v'}\n"
    )
    assert read_traces(path).spans["route"].to_list() == ["/it's"]


def test_a_row_without_an_id_is_rejected(write_file: Callable) -> None:
    traces = read_traces(
        write_file(f"Timestamp,TraceId,SpanId,Duration\n1544712660,,{ROOT},1\n1544712660,{TRACE},{ROOT},1\n")
    )
    assert (traces.spans.height, traces.rejected["line_number"].to_list()) == (1, [1])


def test_a_table_that_lacks_what_makes_a_span_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(
        SourceError, match=r"has no column TraceId, SpanId, Timestamp but a; map it with columns="
    ):
        read_traces(tmp_path / "t.parquet")
    with pytest.raises(ParameterError, match="columns= maps spanid"):
        read_traces(tmp_path / "t.parquet", columns={"spanid": "a"})
