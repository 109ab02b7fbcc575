"""IIS's own format, as Microsoft's documentation says: what cannot be printed is a plus sign."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from tests.read.writers.record import Record, Writer, dash, query_or_none

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "client_ip", "user", "status", "bytes_sent",
    "duration_ms",
)  # fmt: skip


def limits(record: Record) -> Record:
    """Paths are encoded as they were asked for."""
    return replace(record, target=quote(query_or_none(record).target, safe="/?=&+,:;"))


def line(record: Record) -> str:
    at = record.at
    return (
        f"{record.client_ip}, {dash(record.user)}, {at.month}/{at.day}/{at.year}, {at.hour}:{at:%M:%S}, "
        f"W3SVC1, WEB-1, 10.0.0.1, {record.duration_us // 1000}, 163, {record.bytes_sent}, {record.status}, "
        f"0, {record.method}, {record.path}, {dash(record.query)},"
    )


WRITERS = {"iis_native": Writer(line, COLUMNS, limits=limits)}
