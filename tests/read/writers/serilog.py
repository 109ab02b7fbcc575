"""Serilog's compact JSON, as the pages of its formatter and of its ASP.NET Core package say."""

from __future__ import annotations

import json

from tests.read.writers.record import Record, Writer, iso

COLUMNS = (
    "timestamp", "method", "target", "path", "query", "host", "client_ip", "status", "duration_ms",
    "user_agent", "request_id", "trace_id",
)  # fmt: skip
MESSAGE = "HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms"


def line(record: Record) -> str:
    values = {
        "@t": iso(record.at),
        "@mt": MESSAGE,
        "@r": [f"{record.duration_us / 1000:.4f}"],
        "@tr": record.trace_id,
        "RequestHost": record.host,
        "ClientIp": record.client_ip,
        "UserAgent": record.user_agent,
        "RequestMethod": record.method,
        "RequestPath": record.target,
        "StatusCode": record.status,
        "Elapsed": record.duration_us / 1000,
        "RequestId": record.request_id,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


WRITERS = {"serilog": Writer(line, COLUMNS, tick_us=1, grain_us=1)}
