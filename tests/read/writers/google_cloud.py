"""Google Cloud's load balancers and App Engine, as the documentation of their logs' fields says."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC, URL, known, url
from tests.read.writers.record import Record, Writer, iso, seconds


def gcp(record: Record) -> str:
    request = known(
        requestMethod=record.method, requestUrl=url(record), status=record.status,
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


def app_engine(record: Record) -> str:
    request = known(
        startTime=iso(record.at), method=record.method, resource=record.target, status=record.status,
        responseSize=str(record.bytes_sent), userAgent=record.user_agent, ip=record.client_ip,
        referrer=record.referer, host=record.host, latency=f"{seconds(record.duration_us, 6)}s",
        httpVersion=f"HTTP/{record.http_version}", nickname=record.user, requestId=record.request_id,
        traceId=record.trace_id,
    )  # fmt: skip
    return json.dumps({"insertId": "a", "protoPayload": request, "resource": {"type": "gae_app"}})


WRITERS = {
    "gcp_http_load_balancer": Writer(
        gcp, (*BASIC, *URL[1:], "referer", "upstream_addr", "request_id", "trace_id"), tick_us=1, grain_us=1
    ),
    "gcp_app_engine": Writer(
        app_engine, (*BASIC, *URL, "referer", "user", "request_id", "trace_id"), tick_us=1, grain_us=1
    ),
}
