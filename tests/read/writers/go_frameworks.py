"""Gin, which quotes paths as Go does, and chi, which writes what it was asked for as it came."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

from tests.read.writers.logfmt import taken
from tests.read.writers.record import Record, Writer

GIN = ("timestamp", "method", "target", "path", "query", "client_ip", "status", "duration_ms")
CHI = (
    "timestamp", "method", "path", "query", "host", "http_version", "client_ip", "status", "duration_ms",
    "bytes_sent", "request_id",
)  # fmt: skip


def limits(record: Record) -> Record:
    """Clients encode the blanks and quotes in what they ask for."""
    return replace(record, target=quote(record.target, safe="/?=&+,:;"))


def gin(record: Record, target: str | None = None) -> str:
    path = json.dumps(record.target, ensure_ascii=False) if target is None else target
    return (
        f"[GIN] {record.at:%Y/%m/%d - %H:%M:%S} | {record.status:3} | {taken(record.duration_us):>13} | "
        f"{record.client_ip:>15} | {record.method:<7}  {path}"
    )


def unquoted(record: Record) -> str:
    return gin(record, record.target)


def chi(record: Record) -> str:
    return (
        f"{record.at:%Y/%m/%d %H:%M:%S} [{record.request_id}] "
        f'"{record.method} http://{record.host}{record.target} HTTP/{record.http_version}" '
        f"from {record.client_ip} - {record.status:03} {record.bytes_sent}B in {taken(record.duration_us)}"
    )


WRITERS = {
    "gin": Writer(gin, GIN, grain_us=1),
    "gin_2019": Writer(unquoted, GIN, grain_us=1, limits=limits),
    "chi": Writer(chi, CHI, grain_us=1, limits=limits),
}
