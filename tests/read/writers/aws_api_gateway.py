"""AWS API Gateway, as its documentation advises: each value between quotes, numbers too."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, clf, dash, query_or_none

COLUMNS = (
    "timestamp", "method", "path", "http_version", "host", "client_ip", "user", "status", "bytes_sent",
    "duration_ms", "upstream_duration_ms", "upstream_status", "user_agent", "request_id", "trace_id",
)  # fmt: skip


def line(record: Record) -> str:
    trace = record.trace_id
    values = {
        "requestId": record.request_id,
        "ip": record.client_ip,
        "caller": "-",
        "user": dash(record.user),
        "requestTime": clf(record.at),
        "httpMethod": record.method,
        "resourcePath": "/{proxy+}",
        "path": record.path,
        "domainName": record.host,
        "status": str(record.status),
        "protocol": f"HTTP/{record.http_version}",
        "responseLength": str(record.bytes_sent),
        "responseLatency": str(record.duration_us // 1000),
        "integrationLatency": str(record.upstream_us // 1000),
        "integrationStatus": str(record.upstream_status),
        "userAgent": dash(record.user_agent),
        "xrayTraceId": f"Root=1-{trace[:8]}-{trace[8:]}",
    }
    return json.dumps(values)


WRITERS = {"aws_api_gateway": Writer(line, COLUMNS, limits=query_or_none)}
