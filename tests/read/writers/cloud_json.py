"""What the writers of clouds' JSON lines share."""

from __future__ import annotations

from typing import Any

from tests.read.writers.record import Record

BASIC = ("timestamp", "method", "path", "query", "status", "bytes_sent", "client_ip", "duration_ms")
URL = ("target", "http_version", "host", "user_agent")
UPSTREAM = ("upstream_addr", "upstream_status", "request_id")


def url(record: Record) -> str:
    return f"https://{record.host}:443{record.target}"


def known(**members: Any) -> dict[str, Any]:
    """Return what is set: clouds leave the rest out."""
    return {name: value for name, value in members.items() if value is not None}
