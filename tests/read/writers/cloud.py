"""Load balancers and edges of clouds, as their documentation of the log's fields says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.read.writers.go_json import go_json
from tests.read.writers.record import Record, Writer, iso, query_or_none, seconds

BASIC = ("timestamp", "method", "path", "query", "status", "bytes_sent", "client_ip", "duration_ms")
URL = ("target", "http_version", "host", "user_agent")


def _url(record: Record) -> str:
    return f"https://{record.host}:443{record.target}"


def _known(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def gcp(record: Record) -> str:
    request = _known(
        requestMethod=record.method, requestUrl=_url(record), status=record.status,
        responseSize=str(record.bytes_sent), userAgent=record.user_agent, remoteIp=record.client_ip,
        referer=record.referer, serverIp=record.upstream_addr, latency=f"{seconds(record.duration_us, 6)}s",
        protocol=f"HTTP/{record.http_version}",
    )  # fmt: skip
    return json.dumps(
        {
            "insertId": record.request_id,
            "jsonPayload": {"statusDetails": "response_sent_by_backend", "@type": "type.googleapis.com/x"},
            "httpRequest": request,
            "timestamp": iso(record.at),
            "trace": f"projects/shop/traces/{record.trace_id}",
        }
    )


def azure(record: Record) -> str:
    properties = _known(
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
    properties = _known(
        instanceId="ApplicationGatewayRole_IN_0", clientIP=record.client_ip, httpMethod=record.method,
        requestUri=record.path, requestQuery=record.query or "", userAgent=record.user_agent or "",
        httpStatus=record.status, sentBytes=record.bytes_sent, timeTaken=record.duration_us // 1000,
    )  # fmt: skip
    return json.dumps(
        {"time": iso(record.at), "category": "ApplicationGatewayAccessLog", "properties": properties}
    )


def front_door(record: Record) -> str:
    properties = _known(
        trackingReference=record.request_id, httpMethod=record.method,
        httpVersion=record.http_version, requestUri=_url(record), httpStatusCode=str(record.status),
        responseBytes=str(record.bytes_sent), timeTaken=seconds(record.duration_us),
        userAgent=record.user_agent, clientIp=record.client_ip, clientPort=str(record.client_port),
        referer=record.referer, hostName=record.host,
    )  # fmt: skip
    return json.dumps({"time": iso(record.at), "category": "FrontDoorAccessLog", "properties": properties})


def cloudflare(record: Record) -> str:
    start, end = (int(time.timestamp()) * 10**9 + time.microsecond * 1000 for time in (record.at, record.end))
    return go_json(
        _known(
            EdgeStartTimestamp=start, EdgeEndTimestamp=end, ClientRequestMethod=record.method,
            ClientRequestURI=record.target, ClientRequestHost=record.host,
            ClientRequestProtocol=f"HTTP/{record.http_version}", ClientIP=record.client_ip,
            ClientRequestUserAgent=record.user_agent or "", ClientRequestReferer=record.referer or "",
            EdgeResponseStatus=record.status, EdgeResponseBytes=record.bytes_sent,
            OriginIP=record.upstream_addr, OriginResponseStatus=record.upstream_status,
            OriginResponseDurationMs=record.upstream_us // 1000, RayID=record.request_id,
        )
    )  # fmt: skip


def fastly(record: Record) -> str:
    return json.dumps(
        {
            "timestamp": record.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "client_ip": record.client_ip,
            "host": record.host,
            "url": record.target,
            "request_method": record.method,
            "request_protocol": f"HTTP/{record.http_version}",
            "request_referer": record.referer or "",
            "request_user_agent": record.user_agent or "",
            "response_status": record.status,
            "response_body_size": record.bytes_sent,
            "time_elapsed": record.duration_us,
            "fastly_is_edge": True,
        },
        ensure_ascii=False,
    )


def in_a_fraction(record: Record) -> Record:
    """Return the record a moment after the full second: times in whole seconds tell no duration."""
    return replace(record, at=record.at.replace(microsecond=record.at.microsecond or 1))


UPSTREAM = ("upstream_addr", "upstream_status", "request_id")
WRITERS = {
    "gcp_http_load_balancer": Writer(
        gcp, (*BASIC, *URL[1:], "referer", "upstream_addr", "request_id", "trace_id"), tick_us=1, grain_us=1
    ),
    "azure_application_gateway": Writer(
        azure,
        (*BASIC, *URL[1:], *UPSTREAM, "client_port", "upstream_duration_ms"),
        tick_us=1,
        limits=query_or_none,
    ),
    "azure_application_gateway_v1": Writer(azure_v1, (*BASIC, "user_agent"), tick_us=1, limits=query_or_none),
    "azure_front_door": Writer(
        front_door, (*BASIC, *URL[1:], "referer", "client_port", "request_id"), tick_us=1
    ),
    "cloudflare": Writer(
        cloudflare, (*BASIC, *URL, *UPSTREAM, "referer"), tick_us=1, grain_us=1, limits=in_a_fraction
    ),
    "fastly_json": Writer(fastly, (*BASIC, *URL, "referer"), grain_us=1),
}
