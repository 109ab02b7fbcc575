"""JSON lines of `incident-kit parse`, with the columns of REQUESTS."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, iso

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "http_version", "host", "status",
    "duration_ms", "bytes_sent", "client_ip", "client_port", "user", "user_agent", "referer",
    "upstream_addr", "upstream_status", "upstream_duration_ms", "request_id", "trace_id",
)  # fmt: skip


def line(record: Record) -> str:
    values = {
        "timestamp": iso(record.at),
        "start_time": iso(record.at),
        "method": record.method,
        "target": record.target,
        "path": record.path,
        "query": record.query,
        "route": record.path,
        "route_inferred": True,
        "http_version": record.http_version,
        "host": record.host,
        "status": record.status,
        "duration_ms": record.duration_us / 1000,
        "bytes_sent": record.bytes_sent,
        "client_ip": record.client_ip,
        "client_port": record.client_port,
        "user": record.user,
        "user_agent": record.user_agent,
        "referer": record.referer,
        "upstream_addr": record.upstream_addr,
        "upstream_status": record.upstream_status,
        "upstream_duration_ms": record.upstream_us / 1000,
        "upstream_attempts": 1,
        "request_id": record.request_id,
        "trace_id": record.trace_id,
        "source": "access.log",
        "line_number": 7,
        "extra": json.dumps({"agent": record.user_agent}) if record.user_agent else None,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


WRITERS = {"parsed": Writer(line, COLUMNS, tick_us=1, grain_us=1)}
