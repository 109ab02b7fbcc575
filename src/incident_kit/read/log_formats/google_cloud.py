"""Access logs of Google Cloud's HTTP(S) load balancers and of App Engine: JSON lines of Cloud Logging.

The time is when the request was received. The latency carries its unit: `"0.250s"`.
Sources: Google Cloud documentation, "HTTP(S) Load Balancing logging"; google.appengine.logging.v1.RequestLog.
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.cutting.slots import RAW
from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

REMOTE = "httpRequest.remoteIp"
# A port stands after an IPv4 address, or after the brackets around an IPv6 address.
PORT = r"^(?:\[.*\]|[^:]*):(\d+)$"
GCP = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "httpRequest.requestMethod": Variable("method"),
    "httpRequest.requestUrl": Variable("target"),
    "httpRequest.status": Variable("status", kinds.ANY_STATUS),
    "httpRequest.latency": Variable("duration_ms", kinds.UNIT_DURATION),
    "httpRequest.responseSize": Variable("bytes_sent", kinds.WHOLE),
    REMOTE: Variable("client_ip", kinds.WITHOUT_PORT),
    "httpRequest.userAgent": Variable("user_agent"),
    "httpRequest.referer": Variable("referer"),
    "httpRequest.protocol": Variable("http_version", kinds.PROTOCOL),
    "httpRequest.serverIp": Variable("upstream_addr"),
    "trace": Variable("trace", kinds.TRACE),
    "insertId": Variable("request_id"),
    "jsonPayload.statusDetails": Variable("status_details"),
}
APP_ENGINE = {
    f"protoPayload.{name}": variable
    for name, variable in {
        "startTime": Variable("timestamp", kinds.ANY_TIME),
        "latency": Variable("duration_ms", kinds.UNIT_DURATION),
        "method": Variable("method"),
        "resource": Variable("target"),
        "httpVersion": Variable("http_version", kinds.PROTOCOL),
        "host": Variable("host"),
        "status": Variable("status", kinds.ANY_STATUS),
        "responseSize": Variable("bytes_sent", kinds.WHOLE),
        "ip": Variable("client_ip"),
        "nickname": Variable("user"),
        "userAgent": Variable("user_agent"),
        "referrer": Variable("referer"),
        "requestId": Variable("request_id"),
        "traceId": Variable("trace", kinds.TRACE),
    }.items()
}

FORMATS = (
    LogFormat(
        "gcp_http_load_balancer",
        "Google Cloud HTTP(S) load balancing",
        JsonLines(GCP, (("httpRequest.requestMethod",), ("httpRequest.requestUrl",))),
        GCP,
        "start",
        samples=(
            Sample(
                '{"httpRequest":{"requestMethod":"GET",'
                '"requestUrl":"https://shop.example.com/x?y=1","status":502,'
                '"latency":"0.250s","remoteIp":"203.0.113.7:40124","serverIp":"10.0.0.1"},'
                '"timestamp":"2026-10-10T13:55:36.1Z",'
                '"jsonPayload":{"statusDetails":"backend_timeout"},'
                '"trace":"projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736"}',
                {
                    "duration_ms": 250.0,
                    "client_ip": "203.0.113.7",
                    "client_port": 40124,
                    "path": "/x",
                    "host": "shop.example.com",
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "extra": '{"status_details":"backend_timeout"}',
                },
            ),
        ),
        derived={"client_port": pl.col(RAW + REMOTE).str.extract(PORT).cast(pl.Int32, strict=False)},
    ),
    LogFormat(
        "gcp_app_engine",
        "Google App Engine's requests",
        JsonLines(
            APP_ENGINE, (("protoPayload.method",), ("protoPayload.resource",), ("protoPayload.startTime",))
        ),
        APP_ENGINE,
        "start",
        samples=(
            Sample(
                '{"protoPayload":{"ip":"203.0.113.7","startTime":"2026-10-10T13:55:36.123456Z",'
                '"endTime":"2026-10-10T13:55:36.373456Z","latency":"0.250s","method":"GET",'
                '"resource":"/x?y=1","httpVersion":"HTTP/1.1","status":502,"responseSize":"612",'
                '"host":"shop.appspot.com"},"timestamp":"2026-10-10T13:55:36.123456Z"}',
                {"duration_ms": 250.0, "path": "/x", "status": 502, "bytes_sent": 612, "http_version": "1.1"},
            ),
        ),
        aliases=("app_engine",),
    ),
)
