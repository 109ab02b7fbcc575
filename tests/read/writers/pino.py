"""pino-http's lines, as its own serializers of request and response write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.read.writers.record import Record, Writer

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "host", "client_ip", "client_port", "status",
    "bytes_sent", "duration_ms", "user_agent", "request_id",
)  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def line(record: Record) -> str:
    request = {
        "id": record.request_id,
        "method": record.method,
        "url": record.target,
        "headers": {"host": record.host, "user-agent": record.user_agent},
        "remoteAddress": record.client_ip,
        "remotePort": record.client_port,
    }
    values = {
        "level": 30,
        "time": (record.at - EPOCH) // timedelta(milliseconds=1),
        "pid": 17,
        "req": request,
        "res": {"statusCode": record.status, "headers": {"content-length": record.bytes_sent}},
        "responseTime": record.duration_us / 1000,
        "msg": "request completed",
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


WRITERS = {"pino_http": Writer(line, COLUMNS, tick_us=1_000, grain_us=1)}
