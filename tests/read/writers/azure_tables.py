"""Tables of Log Analytics and Application Insights, with columns as Azure Monitor's reference names them."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC, UPSTREAM, URL, known, url
from tests.read.writers.record import Record, Writer, iso, query_or_none, seconds


def gateway(record: Record) -> str:
    columns = known(
        TimeGenerated=iso(record.at), ClientIp=record.client_ip, ClientPort=record.client_port,
        HttpMethod=record.method, RequestUri=record.path, RequestQuery=record.query or "",
        UserAgent=record.user_agent, HttpStatus=record.status, HttpVersion=f"HTTP/{record.http_version}",
        SentBytes=record.bytes_sent, TimeTaken=record.duration_us // 1000 / 1000, Host=record.host,
        ServerRouted=record.upstream_addr, ServerStatus=str(record.upstream_status),
        TransactionId=record.request_id, ServerResponseLatency=seconds(record.upstream_us),
    )  # fmt: skip
    return json.dumps(columns)


def front_door(record: Record) -> str:
    columns = known(
        TimeGenerated=iso(record.at), Category="FrontDoorAccessLog", trackingReference_s=record.request_id,
        httpMethod_s=record.method, httpVersion_s=record.http_version, requestUri_s=url(record),
        httpStatusCode_d=float(record.status), responseBytes_d=float(record.bytes_sent),
        timeTaken_d=record.duration_us // 1000 / 1000, userAgent_s=record.user_agent,
        clientIp_s=record.client_ip, clientPort_s=str(record.client_port), referer_s=record.referer,
        hostName_s=record.host,
    )  # fmt: skip
    return json.dumps(columns)


def app_service(record: Record) -> str:
    columns = known(
        TimeGenerated=iso(record.at), CsMethod=record.method, CsUriStem=record.path,
        CsUriQuery=record.query or "", CIp=record.client_ip, UserAgent=record.user_agent or "-",
        Referer=record.referer or "-", CsHost=record.host, ScStatus=record.status,
        ScBytes=record.bytes_sent, TimeTaken=record.duration_us // 1000,
    )  # fmt: skip
    return json.dumps(columns)


def insights(record: Record) -> str:
    columns = known(
        timestamp=iso(record.at), id=record.request_id, name=f"{record.method} Home/Index", url=url(record),
        resultCode=str(record.status), success="True", duration=record.duration_us / 1000,
        operation_Id=record.trace_id, client_IP=record.client_ip, cloud_RoleName="shop",
    )  # fmt: skip
    return json.dumps(columns)


WRITERS = {
    "azure_tables_gateway": Writer(
        gateway,
        (*BASIC, *URL[1:], *UPSTREAM, "client_port", "upstream_duration_ms"),
        tick_us=1,
        limits=query_or_none,
    ),
    "azure_tables_front_door": Writer(
        front_door, (*BASIC, *URL[1:], "referer", "client_port", "request_id"), tick_us=1
    ),
    "azure_tables_app_service": Writer(
        app_service, (*BASIC, "user_agent", "referer", "host"), tick_us=1, limits=query_or_none
    ),
    "azure_tables_insights": Writer(
        insights,
        (
            "timestamp", "method", "path", "query", "host", "status", "client_ip", "duration_ms", "trace_id",
            "request_id",
        ),
        tick_us=1,
        grain_us=1,
    ),
}  # fmt: skip
