"""An application that logs JSON under usual names, as Python's encoder writes it."""

from __future__ import annotations

import json

from tests.read.writers.record import REQUEST, Record, Writer, iso, seconds

COLUMNS = (
    "timestamp", *REQUEST, "host", "client_ip", "user", "status", "bytes_sent", "duration_ms",
    "upstream_duration_ms", "upstream_addr", "upstream_status", "user_agent", "referer", "trace_id",
)  # fmt: skip


def line(record: Record) -> str:
    return json.dumps(
        {
            "@timestamp": iso(record.at),
            "request": record.line,
            "host": record.host,
            "remote_addr": record.client_ip,
            "remote_user": record.user,
            "status": str(record.status),
            "body_bytes_sent": record.bytes_sent,
            "request_time": record.duration_us / 1e6,
            "upstream_response_time": seconds(record.upstream_us, 6),
            "upstream_addr": record.upstream_addr,
            "upstream_status": str(record.upstream_status),
            "http_user_agent": record.user_agent,
            "http_referer": record.referer or "",
            "trace_id": record.trace_id,
            "kubernetes": {"labels": {"app": "shop"}, "pod": "web-7"},
        }
    )


WRITERS = {"json": Writer(line, COLUMNS, tick_us=1, grain_us=1)}
