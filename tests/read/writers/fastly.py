"""Fastly's recommended JSON, as its documentation says."""

from __future__ import annotations

import json

from tests.read.writers.cloud_json import BASIC, URL
from tests.read.writers.record import Record, Writer


def fastly(record: Record) -> str:
    return json.dumps(
        {
            "timestamp": record.at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "client_ip": record.client_ip,
            "host": record.host,
            "url": record.target,
            "request_method": record.method,
            "request_protocol": f"HTTP/{record.http_version}",
            "request_referer": record.referer or "",
            "request_user_agent": record.user_agent or "",
            "response_status": record.status,
            "response_body_size": record.bytes_sent,
            "time_elapsed": record.duration_us,
            "fastly_is_edge": True,
        },
        ensure_ascii=False,
    )


def classic(record: Record) -> str:
    return json.dumps(
        {
            "service_id": "SU1Z0isxPaozGVKXdv0eY",
            "time_start": record.at.strftime("%Y-%m-%dT%H:%M:%SUTC"),
            "time_elapsed": str(record.duration_us),
            "client_ip": record.client_ip,
            "request": record.method,
            "protocol": f"HTTP/{record.http_version}",
            "host": record.host,
            "url": record.target,
            "is_tls": "true",
            "request_referer": record.referer or "",
            "request_user_agent": record.user_agent or "",
            "status": str(record.status),
            "resp_body_size": str(record.bytes_sent),
        },
        ensure_ascii=False,
    )


WRITERS = {
    "fastly_json": Writer(fastly, (*BASIC, *URL, "referer"), grain_us=1),
    "fastly_json_classic": Writer(classic, (*BASIC, *URL, "referer"), grain_us=1),
}
