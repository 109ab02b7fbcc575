"""ingress-nginx with a `log-format-upstream` for Google Cloud, as users published it."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, dash, iso, seconds

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "http_version", "host", "status", "bytes_sent",
    "duration_ms", "client_ip", "user_agent", "referer", "upstream_addr", "upstream_status", "request_id",
)  # fmt: skip


def line(record: Record) -> str:
    request = {
        "requestMethod": record.method,
        "requestUrl": record.target,
        "status": record.status,
        "requestSize": "430",
        "responseSize": str(record.bytes_sent),
        "userAgent": dash(record.user_agent),
        "remoteIp": record.client_ip,
        "referer": dash(record.referer),
        "latency": f"{seconds(record.duration_us)} s",
        "protocol": f"HTTP/{record.http_version}",
    }
    return json.dumps(
        {
            "timestamp": iso(record.at),
            "requestID": record.request_id,
            "proxyUpstreamName": "shop-cart-80",
            "proxyAlternativeUpstreamName": "",
            "host": record.host,
            "upstreamStatus": str(record.upstream_status),
            "upstreamAddr": record.upstream_addr,
            "httpRequest": request,
        }
    )


WRITERS = {"ingress_nginx_json": Writer(line, COLUMNS, tick_us=1)}
