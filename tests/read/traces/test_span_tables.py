"""Tables of spans: found by the names that tools give their columns, in any container."""

import json
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import SourceError, UnknownFormatError
from incident_kit.read.spans.map_columns import map_objects
from incident_kit.read.traces import read_traces
from tests.laws import examples

TRACE, ROOT = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
NOON = "2018-12-13 14:51:00.500000000"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Timestamp,TraceId,SpanId,ServiceName,SpanName,SpanKind,Duration,StatusCode",
         f"{NOON},{TRACE},{ROOT},shop,a,Server,2000000,Error"),
        ("traceID,spanID,serviceName,name,kind,timestamp,durationNano,statusCode",
         f"{TRACE},{ROOT},shop,a,2,{NOON},2000000,2"),
        ("trace.trace_id,trace.span_id,service.name,name,span.kind,Timestamp,duration_ms,status_code",
         f"{TRACE},{ROOT},shop,a,server,2018-12-13T14:51:00.5Z,2,2"),
        ("trace_id,span_id,service_name,span_name,span_kind,start_time_unix_nano,end_time_unix_nano,status_code",
         f"{TRACE},{ROOT},shop,a,SPAN_KIND_SERVER,1544712660500000000,1544712660502000000,STATUS_CODE_ERROR"),
        ("trace_id,span_id,service,name,kind,start,duration,error",
         f"{TRACE},{ROOT},shop,a,server,1544712660500000000,2000000,1"),
        ("traceID,spanID,serviceName,operationName,kind,startTime,duration,error",
         f"{TRACE},{ROOT},shop,a,server,1544712660500000,2000,true"),
        ("trace_id,span_id,service,operation,kind,start_time,end_time,status",
         f"{TRACE},{ROOT},shop,a,server,2018-12-13T14:51:00.500Z,2018-12-13T14:51:00.502Z,error"),
        ("trace_id,span_id,service,name,kind,start_ms,start,duration_us,status",
         f"{TRACE},{ROOT},shop,a,server,0,1544712660500,2000,error"),
        ("trace_id,span_id,service,name,kind,start,duration_s,status",
         f"{TRACE},{ROOT},shop,a,server,1544712660.5,0.002,error"),
    ],
    ids=["ClickHouse", "SigNoz", "Honeycomb", "OTLP", "Datadog", "Jaeger", "begin and end", "us", "s"],
)  # fmt: skip
@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_a_table_is_read_by_the_usual_names(header, row, separator, write_file: Callable) -> None:
    traces = read_traces(write_file(f"{header}\n{row}\n".replace(",", separator)))
    (span,) = traces.spans.to_dicts()
    assert (span["trace_id"], span["span_id"], span["service"], span["name"]) == (TRACE, ROOT, "shop", "a")
    assert (span["kind"], span["status"], span["duration_ms"]) == ("server", "error", 2)
    assert span["start"].timestamp() == 1544712660.5


@pytest.mark.parametrize("write", ["parquet", "ipc", "ndjson", "csv"])
def test_a_table_may_lie_in_any_container(write: str, write_file: Callable) -> None:
    buffer = BytesIO()
    table = pl.DataFrame(
        {"trace_id": [TRACE], "span_id": [ROOT], "start": [datetime(2018, 12, 13)], "duration_ms": [1.5]}
    )
    getattr(table, f"write_{write}")(buffer)
    traces = read_traces(write_file(buffer.getvalue()))
    assert (traces.trace_format, traces.spans["duration_ms"].to_list()) == ("otel-traces-table", [1.5])


def test_clickhouses_json_lines_hold_maps_as_objects(write_file: Callable) -> None:
    row = {
        "Timestamp": NOON,
        "TraceId": TRACE,
        "SpanId": ROOT,
        "Duration": "1000000",
        "SpanAttributes": {"http.route": "/x"},
    }
    other = row | {"SpanAttributes": {"k": 'say "hi"'}, "SpanId": "a1"}
    spans = read_traces(write_file(json.dumps(row) + "\n" + json.dumps(other))).spans
    assert [json.loads(each) for each in spans["attributes"]] == [{"http.route": "/x"}, {"k": 'say "hi"'}]
    assert spans["route"].to_list() == ["/x", None]


OTEL_TRACE = {
    "Timestamp": NOON,
    "TraceId": TRACE,
    "SpanId": ROOT,
    "ParentSpanId": "",
    "SpanName": "a",
    "SpanKind": "Server",
    "ServiceName": "shop",
    "ResourceAttributes": {"service.name": "shop"},
    "SpanAttributes": {"http.route": "/x"},
    "Duration": "2000000",
    "StatusCode": "Error",
    "Events.Attributes": [{"k": "v"}],
    "Links.TraceId": [],
}
OTHER_TRACE = OTEL_TRACE | {"SpanAttributes": {"k": 'say "hi"'}, "SpanId": "eee19b7ec3c1b175"}


def clickhouse_answer(*rows: dict | list) -> dict:
    meta = [{"name": name, "type": "String"} for name in OTEL_TRACE]
    return {"meta": meta, "data": [*rows], "rows": len(rows), "statistics": {"elapsed": 0.1}}


@pytest.mark.parametrize(
    "content",
    [
        clickhouse_answer(OTEL_TRACE, OTHER_TRACE),
        json.dumps(clickhouse_answer(OTEL_TRACE, OTHER_TRACE), indent="\t"),
        clickhouse_answer([*OTEL_TRACE.values()], [*OTHER_TRACE.values()]),
        json.dumps(OTEL_TRACE) + "\n" + json.dumps(OTHER_TRACE) + "\n",
        "\ufeff" + json.dumps(OTEL_TRACE) + "\r\n" + json.dumps(OTHER_TRACE) + "\r\n",
        [OTEL_TRACE, OTHER_TRACE],
        json.dumps([OTEL_TRACE, OTHER_TRACE], indent=2),
    ],
    ids=["JSON", "JSON, pretty", "JSONCompact", "JSONEachRow", "from Windows", "a list", "a list, pretty"],
)
def test_clickhouse_writes_the_same_rows_as_json_in_many_ways(content, write_file: Callable) -> None:
    traces = read_traces(write_file(content))
    first, second = traces.spans.to_dicts()
    assert (traces.trace_format, traces.rejected.height) == ("otel-traces-table", 0)
    assert (first["service"], first["kind"], first["status"]) == ("shop", "server", "error")
    assert (first["duration_ms"], first["route"], second["route"]) == (2, "/x", None)
    assert json.loads(first["attributes"]) == {"http.route": "/x", "service.name": "shop"}
    assert json.loads(second["attributes"]) == {"k": 'say "hi"', "service.name": "shop"}


def test_maps_that_are_all_empty_are_no_attributes(write_file: Callable) -> None:
    row = OTEL_TRACE | {"ResourceAttributes": {}, "SpanAttributes": {}}
    assert read_traces(write_file(clickhouse_answer(row))).spans["attributes"].to_list() == ["{}"]


def test_an_answer_of_clickhouse_without_rows_has_no_spans(write_file: Callable) -> None:
    traces = read_traces(write_file(clickhouse_answer()))
    assert (traces.trace_format, traces.spans.height) == ("otel-traces-table", 0)


def test_an_answer_of_clickhouse_that_is_cut_is_refused(write_file: Callable) -> None:
    with pytest.raises(SourceError, match=r"^[^\n]* is no whole table: [^\n]*; write it again\.$"):
        read_traces(write_file(json.dumps(clickhouse_answer(OTEL_TRACE))[:-60]))


TEXT = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
    ["'", '"', "\\", ':null,"', "null", "},{"]
)
MAPS = st.lists(st.dictionaries(TEXT, TEXT, max_size=3), min_size=1, max_size=4)


@given(MAPS)
@examples(50)
def test_maps_come_back_from_every_way_to_hold_them(maps: list[dict[str, str]]) -> None:
    pairs = [[{"key": key, "value": value} for key, value in each.items()] for each in maps]
    names = sorted({name for each in maps for name in each}) or ["none"]
    structs = [{name: each.get(name) for name in names} for each in maps]
    columns = [
        pl.Series(pairs, dtype=pl.List(pl.Struct({"key": pl.String, "value": pl.String}))),
        pl.Series(structs, dtype=pl.Struct(dict.fromkeys(names, pl.String))),
        pl.Series([json.dumps(each) for each in maps]),
        pl.Series([json.dumps(each, separators=(",", ":")) for each in maps]),
        pl.Series([_as_clickhouse_prints(each) for each in maps]),
    ]
    for column in columns:
        assert [json.loads(text) for text in map_objects(column)] == maps


def _as_clickhouse_prints(members: dict[str, str]) -> str:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    return "{" + ",".join(f"{quoted(key)}:{quoted(value)}" for key, value in members.items()) + "}"


def test_a_missing_map_is_an_empty_one() -> None:
    for dtype in (
        pl.List(pl.Struct({"key": pl.String, "value": pl.String})),
        pl.Struct({"a": pl.String}),
        pl.String,
    ):
        assert map_objects(pl.Series([None], dtype=dtype)).to_list() == ["{}"]


def test_a_table_without_a_column_of_services_has_those_of_its_attributes(write_file: Callable) -> None:
    row = {"trace_id": "a" * 32, "span_id": "b" * 16, "timestamp": 1544712660000000000}
    row |= {"duration_nano": 5, "resources_string": {"service.name": "shop"}, "attributes_string": {}}
    assert read_traces(write_file([row])).spans["service"].to_list() == ["shop"]


@pytest.mark.parametrize(
    ("column", "held", "attributes"),
    [
        ("codes", [1, 2], {"codes": "[1,2]"}),
        ("references", [{"refType": "CHILD_OF"}], {"references": '[{"refType":"CHILD_OF"}]'}),
        ("tags", [{"key": "a", "type": "int64", "value": 5}], {"a": "5"}),
        ("tags", [], {}),
        ("events", [{"name": "exception"}], {}),
        ("links", ["a link"], {}),
    ],
)
def test_a_column_of_lists_is_a_map_only_if_it_holds_keys_and_values(
    column, held, attributes, write_file: Callable
) -> None:
    row = {"trace_id": "a" * 32, "span_id": "b" * 16, "timestamp": 1544712660000000000, "duration_ms": 1}
    row |= {column: held}
    traces = read_traces(write_file([row, row | {"span_id": "c" * 16, column: None}]))
    assert list(map(json.loads, traces.spans["attributes"])) == [attributes, {}]


def test_a_quoted_header_is_no_document_of_jaeger(write_file: Callable) -> None:
    header = '"traceID","spanID","parentSpanID","operationName","serviceName","startTime","duration"'
    traces = read_traces(
        write_file(f'{header}\n"{"a" * 32}","{"b" * 16}","","GET /","shop",1544712660123.5,5.25\n')
    )
    assert traces.trace_format == "otel-traces-table"
    assert traces.spans.select("service", "name", "duration_ms").rows() == [("shop", "GET /", 5.25)]


def test_ids_that_are_bytes_are_hexadecimal_digits(tmp_path: Path) -> None:
    ids = {"trace_id": [bytes.fromhex(TRACE)], "span_id": [bytes.fromhex(ROOT)]}
    pl.DataFrame(ids | {"timestamp": [1544712660000000000]}).write_parquet(tmp_path / "spans")
    assert read_traces(tmp_path / "spans").spans.select("trace_id", "span_id").rows() == [(TRACE, ROOT)]


@pytest.mark.parametrize(
    ("more", "kind", "status"),
    [
        ({"tags": {"span.kind": "client", "error": "true"}}, "client", "error"),
        ({"tags": {"span.kind": "client", "otel.status_code": "OK"}}, "client", "ok"),
        ({"kind": "server", "tags": {"span.kind": "client"}}, "server", None),
        ({"error": 0, "meta": {"span.kind": "server"}, "metrics": {"error": 3}}, "server", "unset"),
        ({"tags": {"http.status_code": "200"}}, None, None),
    ],
    ids=["tags", "a status in tags", "a column of kinds", "a column of errors", "other tags"],
)
def test_a_table_without_kind_or_status_has_those_of_its_tags(
    more, kind, status, write_file: Callable
) -> None:
    row = {"traceId": TRACE, "spanId": ROOT, "startTime": 1544712660500000, "duration": 5} | more
    (span,) = read_traces(write_file([row])).spans.to_dicts()
    assert (span["kind"], span["status"]) == (kind, status)


def test_columns_of_data_prepper_are_the_attributes_that_they_name(write_file: Callable) -> None:
    row = {
        "traceId": TRACE,
        "spanId": ROOT,
        "startTime": "2018-12-13T14:51:00Z",
        "durationInNanos": 2_000_000,
        "span.attributes.http@response@status_code": 503,
        "resource.attributes.host@name": "a",
        "kept@as": "it is",
    }
    (span,) = read_traces(write_file([row])).spans.to_dicts()
    assert (span["http_status"], span["duration_ms"]) == (503, 2)
    assert {"host.name": "a", "kept@as": "it is"}.items() <= json.loads(span["attributes"]).items()


def test_lines_of_a_log_with_the_ids_of_spans_are_no_spans(write_file: Callable) -> None:
    line = {
        "time": 1544712660000,
        "level": 30,
        "trace_id": TRACE,
        "span_id": ROOT,
        "msg": "request completed",
    }
    with pytest.raises(UnknownFormatError, match="holds JSON with the members time, level, trace_id"):
        read_traces(write_file([line]))
    written = write_file([line | {"elapsedTime": 5}])
    assert read_traces(written).spans["duration_ms"].to_list() == [5]


IDS = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "1", "name": "GET /"}
NESTED = {
    "Google Cloud Trace": {
        "traces": [
            {
                "projectId": "shop",
                "traceId": IDS["traceId"],
                "spans": [
                    {
                        "spanId": "1",
                        "kind": "RPC_SERVER",
                        "name": "GET /",
                        "startTime": "2026-10-10T13:55:36Z",
                        "endTime": "2026-10-10T13:55:36.250Z",
                        "labels": {"service.name": "shop", "/http/status_code": "200"},
                    },
                    {
                        "spanId": "2",
                        "parentSpanId": "1",
                        "kind": "RPC_CLIENT",
                        "name": "SELECT",
                        "startTime": "2026-10-10T13:55:36Z",
                        "endTime": "2026-10-10T13:55:36.250Z",
                        "labels": {"service.name": "shop"},
                    },
                ],
            }
        ]
    },
    "Datadog": {
        "data": [
            {
                "id": f"AAA{span}",
                "type": "spans",
                "attributes": {
                    "service": "shop",
                    "resource_name": name,
                    "operation_name": "web.request",
                    "trace_id": IDS["traceId"],
                    "span_id": span,
                    "parent_id": parent,
                    "start_timestamp": "2026-10-10T13:55:36Z",
                    "end_timestamp": "2026-10-10T13:55:36.250Z",
                    "custom": {"span": {"kind": kind}},
                },
            }
            for span, parent, name, kind in (("1", "0", "GET /", "server"), ("2", "1", "SELECT", "client"))
        ]
    },
    "New Relic": {
        "results": [
            {
                "events": [
                    {
                        "trace.id": IDS["traceId"],
                        "guid": span,
                        "parent.id": parent,
                        "entity.name": "shop",
                        "name": name,
                        "span.kind": kind,
                        "timestamp": 1791640536000,
                        "duration.ms": 250,
                    }
                    for span, parent, name, kind in (
                        ("1", None, "GET /", "server"),
                        ("2", "1", "SELECT", "client"),
                    )
                ]
            }
        ]
    },
    "SigNoz": {
        "status": "success",
        "data": {
            "result": [
                {
                    "table": {
                        "rows": [
                            {
                                "timestamp": "2026-10-10T13:55:36Z",
                                "data": {
                                    "traceID": IDS["traceId"],
                                    "spanID": span,
                                    "parentSpanID": parent,
                                    "serviceName": "shop",
                                    "name": name,
                                    "kind": kind,
                                    "durationNano": 250_000_000,
                                },
                            }
                            for span, parent, name, kind in (("1", "", "GET /", 2), ("2", "1", "SELECT", 3))
                        ]
                    }
                }
            ]
        },
    },
}


@pytest.mark.parametrize("product", NESTED)
def test_rows_nested_in_an_answer_are_spans(tmp_path, product):
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(NESTED[product], indent=1))
    assert read_traces(path).trace_format == "otel-traces-table"
    spans = read_traces(path).spans.sort("span_id")
    assert spans["trace_id"].to_list() == [IDS["traceId"]] * 2
    assert spans["service"].to_list() == ["shop", "shop"]
    assert spans["name"].to_list() == ["GET /", "SELECT"]
    assert spans["kind"].to_list() == ["server", "client"]
    assert spans["duration_ms"].to_list() == [250.0, 250.0]
    assert spans["parent_span_id"].to_list()[1] == spans["span_id"].to_list()[0]
    assert spans["parent_span_id"].to_list()[0] is None
    assert spans["start"].dt.strftime("%H:%M:%S").to_list() == ["13:55:36"] * 2


def test_an_answer_without_spans_is_no_table_of_them(tmp_path):
    path = tmp_path / "answer.json"
    path.write_text('{"data": [{"traceId": "1", "message": "no span"}]}')
    with pytest.raises(UnknownFormatError, match="begins like no known trace format"):
        read_traces(path)


def test_answers_may_stand_on_a_line_each(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(answer) for answer in [NESTED["Datadog"]] * 2))
    assert len(read_traces(path).spans) == 4
