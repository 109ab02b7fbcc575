"""Actix Web behind env_logger."""

from __future__ import annotations

from tests.read.writers.python_servers import limits
from tests.read.writers.record import REQUEST, Record, Writer


def line(record: Record) -> str:
    return (
        f"[{record.at:%Y-%m-%dT%H:%M:%S}Z INFO  actix_web::middleware::logger] {record.client_ip} "
        f'"{record.line}" {record.status} {record.bytes_sent} "-" "-" {record.duration_us / 1_000_000:.6f}'
    )


WRITERS = {
    "actix": Writer(
        line,
        ("timestamp", *REQUEST, "client_ip", "status", "bytes_sent", "duration_ms"),
        grain_us=1,
        limits=limits,
    )
}
