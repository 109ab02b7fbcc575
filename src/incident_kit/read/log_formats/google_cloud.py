"""Access log of Google Cloud's HTTP(S) load balancers: JSON lines of Cloud Logging.

The time is when the load balancer received the request. The latency carries its unit: `"0.250s"`.
Source: Google Cloud documentation, "HTTP(S) Load Balancing logging".
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
    "httpRequest.status": Variable("status", kinds.WHOLE),
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
)
