"""Datadog's log archives: JSON lines with the standard attributes that its pipelines extract from a log.

Durations are in nanoseconds. The key `status` of the line itself is its log level; the HTTP status is
`attributes.http.status_code`.
Sources: Datadog's documentation, "Log Archives" and "Default Standard Attributes".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

ATTRIBUTES = {
    "http.method": Variable("method"),
    "http.url": Variable("target"),
    "http.url_details.path": Variable("path"),
    "http.url_details.host": Variable("host"),
    "http.version": Variable("http_version", kinds.PROTOCOL),
    "http.status_code": Variable("status", kinds.ANY_STATUS),
    "http.useragent": Variable("user_agent"),
    "http.referer": Variable("referer"),
    "http.request_id": Variable("request_id"),
    "network.client.ip": Variable("client_ip"),
    "network.client.port": Variable("client_port", kinds.WHOLE),
    "network.bytes_written": Variable("bytes_sent", kinds.WHOLE),
    "duration": Variable("duration_ms", kinds.NANOSECONDS),
    "usr.id": Variable("user"),
}
VARIABLES = {
    "date": Variable("timestamp", kinds.ANY_TIME),
    **{f"attributes.{name}": variable for name, variable in ATTRIBUTES.items()},
}
REQUIRED = (
    ("date",),
    ("attributes.http.status_code",),
    ("attributes.http.method", "attributes.http.url", "attributes.http.url_details.path"),
)

FORMATS = (
    LogFormat(
        "datadog",
        "Datadog's archives",
        JsonLines(VARIABLES, REQUIRED),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"_id":"AQAAAX","date":"2026-10-10T13:55:36.250Z","service":"shop","source":"nginx","status":"info",'
                '"attributes":{"http":{"method":"GET","status_code":"502","url":"/x?y=1","version":"1.1",'
                '"url_details":{"path":"/x"},"useragent":"curl/8.5"},"network":{"client":{"ip":"203.0.113.7"},'
                '"bytes_written":612},"duration":250000000}}',
                {
                    "status": 502,
                    "query": "y=1",
                    "duration_ms": 250.0,
                    "client_ip": "203.0.113.7",
                    "bytes_sent": 612,
                },
            ),
        ),
    ),
)
