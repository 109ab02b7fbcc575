"""Datadog's archives, as its documentation says."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC
from tests.read.writers.record import Record, Writer, iso


def line(record: Record) -> str:
    http = {
        "method": record.method,
        "status_code": str(record.status),
        "url": record.target,
        "version": record.http_version,
        "useragent": record.user_agent,
        "referer": record.referer,
    }
    network = {"client": {"ip": record.client_ip}, "bytes_written": record.bytes_sent}
    attributes = {"http": http, "network": network, "duration": record.duration_us * 1000}
    return json.dumps(
        {
            "_id": "AQAAAX",
            "date": iso(record.at, 3),
            "host": "i-1",
            "status": "info",
            "attributes": attributes,
        }
    )


WRITERS = {
    "datadog": Writer(line, (*BASIC, "http_version", "user_agent", "referer"), tick_us=1000, grain_us=1)
}
