"""Tables of spans as data sets of root-cause analysis publish them: their names of columns, and their units."""

# A row stays one line here, so that it can be found in a data set.
# ruff: noqa: E501
from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO

import polars as pl
import pytest

from incident_kit.read.traces import read_traces

TRACE, ROOT = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
NEZHA = "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration"
RCAEVAL = "time,traceID,spanID,serviceName,methodName,operationName,startTimeMillis,startTime,duration,statusCode,parentSpanID"
GAIA = "timestamp,host_ip,service_name,trace_id,span_id,parent_id,start_time,end_time,url,status_code,message"
CHALLENGE_2020 = "callType,startTime,elapsedTime,success,traceId,id,pid,cmdb_id,dsName,serviceName"
CHALLENGE_2021 = "timestamp,cmdb_id,parent_id,span_id,trace_id,duration"
CHALLENGE_2022 = "timestamp,cmdb_id,span_id,trace_id,duration,type,status_code,operation_name,parent_span"
RCABENCH = (
    "time,trace_id,span_id,parent_span_id,span_name,attr.span_kind,service_name,duration,attr.status_code,"
    "attr.http.response.status_code"
)
SPAN_LOG = "trace_id,span_id,parent_span_id,operation_name,kind,start_time_us,finish_time_us,attribute"


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (NEZHA, f"{TRACE},{ROOT},root,frontend-579b9bff58-t2dbm,Recv.,1544712660500000000,1544712660511209000,11209",
         {"parent_span_id": None, "service": "frontend", "name": "Recv.", "duration_ms": 11.209, "http_status": None}),
        (RCAEVAL, f"14:51,{TRACE},{ROOT},shop,Get,GET /x,1544712660500,1544712660500000,5000,2.0,",
         {"parent_span_id": None, "service": "shop", "name": "GET /x", "duration_ms": 5.0, "status": "error"}),
        (RCAEVAL, f"14:51,{TRACE},{ROOT},shop,Get,GET /x,1544712660500,1544712660500000,5000,503.0,",
         {"duration_ms": 5.0, "status": None, "http_status": 503}),
        (GAIA, f"2018-12-13 14:51:02,0.0.0.4,shop,{TRACE},{ROOT},0,2018-12-13 14:51:00.500,2018-12-13 14:51:01.019,"
         "http://0.0.0.4:9388/login?user=a,500,request call function 1",
         {"parent_span_id": None, "service": "shop", "name": "/login", "duration_ms": 519.0, "http_status": 500}),
        (CHALLENGE_2020, f"OSB,1544712660500,376.0,False,{TRACE},{ROOT},None,os_021,,osb_001",
         {"parent_span_id": None, "service": "osb_001", "duration_ms": 376.0, "status": "error"}),
        (CHALLENGE_2020, f"JDBC,1544712660500,2.0,True,{TRACE},{ROOT},aaaaaaaaaaaaaaaa,docker_006,db_003,",
         {"parent_span_id": "a" * 16, "service": "docker_006", "duration_ms": 2.0, "status": "unset"}),
        (CHALLENGE_2021, f"1544712660500,web-1,aaaaaaaaaaaaaaaa,{ROOT},{TRACE},19",
         {"parent_span_id": "a" * 16, "service": "web", "duration_ms": 19.0}),
        (CHALLENGE_2022, f"1544712660500,web2-0,{ROOT},{TRACE},49877,rpc,13,shop.Cart/Get,aaaaaaaaaaaaaaaa",
         {"parent_span_id": "a" * 16, "service": "web2", "name": "shop.Cart/Get", "duration_ms": 49.877, "status": "error"}),
        (CHALLENGE_2022, f"1544712660500000,web2-0,{ROOT},{TRACE},49877,rpc,0,shop.Cart/Get,aaaaaaaaaaaaaaaa",
         {"duration_ms": 49.877, "status": "unset"}),
        (RCABENCH, f"2018-12-13 14:51:00.5,{TRACE},{ROOT},,GET /x,Server,shop,1000000,Error,500",
         {"name": "GET /x", "kind": "server", "duration_ms": 1.0, "status": "error", "http_status": 500}),
        (SPAN_LOG, f"5b8efff7-9803-8103-d269-b633813fc60c,{ROOT},0,query,INTERNAL,1544712660500000,1544712660504000,{{}}",
         {"parent_span_id": None, "name": "query", "kind": "internal", "duration_ms": 4.0}),
    ],
    ids=["Nezha", "RCAEval, gRPC", "RCAEval, HTTP", "GAIA", "AIOps 2020", "AIOps 2020, a database", "AIOps 2021",
         "AIOps 2022", "MicroServo", "RCABench", "ClickHouse's own spans"],
)  # fmt: skip
def test_published_data_sets_are_read_by_the_names_and_units_they_have(
    header: str, row: str, expected: dict, write_file: Callable
) -> None:
    traces = read_traces(write_file(f"{header}\n{row}\n"))
    (span,) = traces.spans.to_dicts()
    assert {name: span[name] for name in expected} == expected
    assert (span["trace_id"], span["span_id"], span["start"].timestamp()) == (TRACE, ROOT, 1544712660.5)


def test_the_pod_stays_an_attribute_of_the_service_that_it_is_taken_for(write_file: Callable) -> None:
    row = f"{TRACE},{ROOT},root,frontend-579b9bff58-t2dbm,a,1544712660500000000,1544712660511209000,11209"
    (span,) = read_traces(write_file(f"{NEZHA}\n{row}\n")).spans.to_dicts()
    assert json.loads(span["attributes"]) == {"PodName": "frontend-579b9bff58-t2dbm", "Duration": "11209"}


@pytest.mark.parametrize(
    ("codes", "statuses"),
    [
        (["0", "1", "2", ""], ["unset", "ok", "error", None]),
        (["0", "1", "2", "14"], ["unset", "error", "error", "error"]),
        (["0.0", "200.0", "2.0", "Ok"], ["unset", None, "error", "ok"]),
    ],
    ids=["OpenTelemetry's", "gRPC's", "several"],
)
def test_a_code_is_taken_for_what_its_column_is_of(
    codes: list[str], statuses: list, write_file: Callable
) -> None:
    rows = "".join(f"{TRACE},{n:016x},1544712660.5,1,{code}\n" for n, code in enumerate(codes, start=1 << 60))
    spans = read_traces(write_file(f"trace_id,span_id,start,duration_s,status_code\n{rows}")).spans
    assert spans["status"].to_list() == statuses


@pytest.mark.parametrize("document", [{"id": ROOT}, {"id": ROOT, "kind": "CLIENT", "duration": 5}])
def test_a_list_of_zipkins_spans_is_no_table(document: dict, write_file: Callable) -> None:
    content = json.dumps([{"traceId": TRACE, "timestamp": 1544712660500000, "name": "a"} | document])
    assert read_traces(write_file(content)).trace_format == "zipkin-json"


OTHER = "eee19b7ec3c1b175"
FOLLOWED = {"refType": "FOLLOWS_FROM", "traceID": TRACE, "spanID": "a" * 16}
PARENT = {"refType": "CHILD_OF", "traceID": TRACE, "spanID": ROOT}
DOCUMENT = {
    "traceID": TRACE, "spanID": OTHER, "flags": 1, "operationName": "GET /x", "startTime": 1544712660500000,
    "startTimeMillis": 1544712660500, "duration": 1500, "references": [FOLLOWED, PARENT],
    "tags": [{"key": "span.kind", "type": "string", "value": "server"}, {"key": "status.code", "type": "int64", "value": "13"}],
    "process": {"serviceName": "shop", "tags": [{"key": "name", "type": "string", "value": "shop-0"}]},
}  # fmt: skip


@pytest.mark.parametrize(
    ("references", "parent"), [([FOLLOWED, PARENT], ROOT), ([FOLLOWED], "a" * 16), ([], None)]
)
def test_documents_of_jaeger_may_lie_in_a_table(
    references: list, parent: str | None, write_file: Callable
) -> None:
    buffer = BytesIO()
    rows = [DOCUMENT | {"references": references}, DOCUMENT | {"spanID": ROOT, "tags": []}]
    pl.DataFrame(rows).write_parquet(buffer)
    spans = read_traces(write_file(buffer.getvalue())).spans
    assert spans.select("service", "kind", "status", "duration_ms", "parent_span_id").rows() == [
        ("shop", "server", "error", 1.5, parent),
        ("shop", None, None, 1.5, ROOT),
    ]


CHILD = "eee19b7ec3c1b175"
INSIGHTS = (
    "timestamp [UTC],id,name,success,resultCode,duration,operation_Id,operation_ParentId,cloud_RoleName"
)


@pytest.mark.parametrize(
    ("more", "row", "expected"),
    [
        ("itemType", f"{ROOT},GET /,True,200,2.5,{TRACE},{TRACE},shop,request",
         (None, "shop", "server", "unset", 200, None)),
        ("itemType,target", f"{ROOT},SQL,False,0,2.5,{TRACE},{CHILD},shop,dependency,sql.example",
         (CHILD, "shop", "client", "error", None, "sql.example")),
    ],
    ids=["a request", "a dependency"],
)  # fmt: skip
def test_application_insights_exports_are_spans(more, row, expected, write_file: Callable) -> None:
    traces = read_traces(write_file(f"{INSIGHTS},{more}\n2018-12-13T14:51:00.5000000Z,{row}\n"))
    (span,) = traces.spans.to_dicts()
    assert (span["trace_id"], span["span_id"], span["duration_ms"]) == (TRACE, ROOT, 2.5)
    assert span["start"].timestamp() == 1544712660.5
    names = ("parent_span_id", "service", "kind", "status", "http_status", "peer")
    assert tuple(span[name] for name in names) == expected
