"""Caddy, as the page about its directive `log` says: Go's JSON, seconds, headers as lists."""

from __future__ import annotations

from typing import Any

from tests.read.writers.go_json import go_json
from tests.read.writers.record import REQUEST, Record, Writer

COLUMNS = (
    "timestamp", *REQUEST, "host", "client_ip", "client_port", "user", "status", "bytes_sent", "duration_ms",
    "user_agent", "referer",
)  # fmt: skip


def line(record: Record) -> str:
    headers: dict[str, Any] = {"Accept": ["*/*", "a/b"]}
    headers |= {} if record.user_agent is None else {"User-Agent": [record.user_agent]}
    headers |= {} if record.referer is None else {"Referer": [record.referer]}
    return go_json(
        {
            "level": "info",
            "ts": record.at.timestamp(),
            "logger": "http.log.access",
            "msg": "handled request",
            "request": {
                "remote_ip": record.client_ip,
                "remote_port": str(record.client_port),
                "client_ip": record.client_ip,
                "proto": f"HTTP/{record.http_version}",
                "method": record.method,
                "host": record.host,
                "uri": record.target,
                "headers": headers,
            },
            "bytes_read": 0,
            "user_id": record.user or "",
            "duration": record.duration_us / 1e6,
            "size": record.bytes_sent,
            "status": record.status,
            "resp_headers": {"Server": ["Caddy"], "Vary": []},
        }
    )


WRITERS = {"caddy_json": Writer(line, COLUMNS, tick_us=1, grain_us=1)}
