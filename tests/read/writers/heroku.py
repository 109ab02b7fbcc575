"""Heroku's router, which writes paths as JSON does; its times are whole milliseconds."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, iso

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "host", "client_ip", "status", "bytes_sent",
    "duration_ms", "upstream_addr", "request_id",
)  # fmt: skip


def line(record: Record) -> str:
    return (
        f"{iso(record.at)} heroku[router]: at=info method={record.method} "
        f"path={json.dumps(record.target, ensure_ascii=False)} host={record.host} "
        f'request_id={record.request_id} fwd="{record.client_ip}" dyno={record.upstream_addr} connect=0ms '
        f"service={record.duration_us // 1000}ms status={record.status} bytes={record.bytes_sent} "
        "protocol=http1.1 tls=true tls_version=tls1.3"
    )


WRITERS = {"heroku_router": Writer(line, COLUMNS, tick_us=1)}
