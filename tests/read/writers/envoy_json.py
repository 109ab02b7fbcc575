"""Envoy's JSON lines, as the page about access logging says: times in milliseconds."""

from __future__ import annotations

from tests.read.writers.envoy import COLUMNS
from tests.read.writers.go_json import go_json
from tests.read.writers.record import Record, Writer, iso


def as_json(record: Record) -> str:
    return go_json(
        {
            "start_time": iso(record.at, 3),
            "method": record.method,
            "path": record.target,
            "protocol": f"HTTP/{record.http_version}",
            "response_code": record.status,
            "response_flags": "-",
            "bytes_received": 0,
            "bytes_sent": record.bytes_sent,
            "duration": record.duration_us // 1000,
            "upstream_service_time": str(record.upstream_us // 1000),
            "x_forwarded_for": None,
            "user_agent": record.user_agent,
            "request_id": record.request_id,
            "authority": record.host,
            "upstream_host": record.upstream_addr,
            "downstream_remote_address": f"10.1.0.4:{record.client_port}",
        }
    )


WRITERS = {
    "envoy_json": Writer(as_json, (*COLUMNS, "client_port"), tick_us=1000),
    "envoy_json_contour": Writer(
        lambda record: as_json(record).replace('"start_time"', '"@timestamp"', 1),
        (*COLUMNS, "client_port"),
        tick_us=1000,
    ),
}
