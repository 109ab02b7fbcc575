"""Azure's gateways and App Service, as their documentation of the log's fields says."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC, UPSTREAM, URL, known, url
from tests.read.writers.go_json import go_json
from tests.read.writers.record import Record, Writer, iso, query_or_none, seconds


def azure(record: Record) -> str:
    properties = known(
        clientIP=record.client_ip, clientPort=record.client_port, httpMethod=record.method,
        requestUri=record.path, requestQuery=record.query or "", userAgent=record.user_agent,
        httpStatus=record.status, httpVersion=f"HTTP/{record.http_version}", sentBytes=record.bytes_sent,
        timeTaken=record.duration_us // 1000 / 1000, host=record.host, serverRouted=record.upstream_addr,
        serverStatus=str(record.upstream_status), transactionId=record.request_id,
        serverResponseLatency=seconds(record.upstream_us),
    )  # fmt: skip
    return go_json(
        {"timeStamp": iso(record.at), "operationName": "ApplicationGatewayAccess", "properties": properties}
    )


def azure_v1(record: Record) -> str:
    properties = known(
        instanceId="ApplicationGatewayRole_IN_0", clientIP=record.client_ip, httpMethod=record.method,
        requestUri=record.path, requestQuery=record.query or "", userAgent=record.user_agent or "",
        httpStatus=record.status, sentBytes=record.bytes_sent, timeTaken=record.duration_us // 1000,
    )  # fmt: skip
    return json.dumps(
        {"time": iso(record.at), "category": "ApplicationGatewayAccessLog", "properties": properties}
    )


def front_door(record: Record) -> str:
    properties = known(
        trackingReference=record.request_id, httpMethod=record.method,
        httpVersion=record.http_version, requestUri=url(record), httpStatusCode=str(record.status),
        responseBytes=str(record.bytes_sent), timeTaken=seconds(record.duration_us),
        userAgent=record.user_agent, clientIp=record.client_ip, clientPort=str(record.client_port),
        referer=record.referer, hostName=record.host,
    )  # fmt: skip
    return json.dumps({"time": iso(record.at), "category": "FrontDoorAccessLog", "properties": properties})


def app_service(record: Record) -> str:
    properties = known(
        CsMethod=record.method, CsUriStem=record.path, CsUriQuery=record.query or "", CIp=record.client_ip,
        UserAgent=record.user_agent or "-", Referer=record.referer or "-", CsHost=record.host,
        ScStatus=record.status, ScBytes=record.bytes_sent, TimeTaken=record.duration_us // 1000,
    )  # fmt: skip
    return json.dumps({"time": iso(record.at), "category": "AppServiceHTTPLogs", "properties": properties})


WRITERS = {
    "azure_application_gateway": Writer(
        azure,
        (*BASIC, *URL[1:], *UPSTREAM, "client_port", "upstream_duration_ms"),
        tick_us=1,
        limits=query_or_none,
    ),
    "azure_application_gateway_v1": Writer(azure_v1, (*BASIC, "user_agent"), tick_us=1, limits=query_or_none),
    "azure_app_service": Writer(
        app_service, (*BASIC, "user_agent", "referer", "host"), tick_us=1, limits=query_or_none
    ),
    "azure_front_door": Writer(
        front_door, (*BASIC, *URL[1:], "referer", "client_port", "request_id"), tick_us=1
    ),
}
