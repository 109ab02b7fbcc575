"""Fastly's recommended JSON lines. The time is the start of the request; durations are in microseconds.

Sources: Fastly documentation, "Useful log formats"; Sumo Logic documentation, "Fastly".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

FASTLY = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "request_method": Variable("method"),
    "url": Variable("target"),
    "request_protocol": Variable("http_version", kinds.PROTOCOL),
    "host": Variable("host"),
    "response_status": Variable("status", kinds.ANY_STATUS),
    "response_body_size": Variable("bytes_sent", kinds.WHOLE),
    "client_ip": Variable("client_ip"),
    "request_user_agent": Variable("user_agent"),
    "request_referer": Variable("referer"),
    "time_elapsed": Variable("duration_ms", kinds.MICROSECONDS),
    "response_state": Variable("response_state"),
}

# The keys that Fastly recommended before, and that Sumo Logic still does. Their times end with a zone's name.
CLASSIC = {
    "time_start": Variable("timestamp", kinds.ANY_TIME),
    "request": Variable("method"),
    "url": Variable("target"),
    "protocol": Variable("http_version", kinds.PROTOCOL),
    "host": Variable("host"),
    "status": Variable("status", kinds.ANY_STATUS),
    "resp_body_size": Variable("bytes_sent", kinds.WHOLE),
    "client_ip": Variable("client_ip"),
    "request_user_agent": Variable("user_agent"),
    "request_referer": Variable("referer"),
    "time_elapsed": Variable("duration_ms", kinds.MICROSECONDS),
    "request_id": Variable("request_id"),
}

FORMATS = (
    LogFormat(
        "fastly_json",
        "Fastly's recommended JSON",
        JsonLines(FASTLY, (("request_method",), ("response_status",), ("url",))),
        FASTLY,
        "start",
        samples=(
            Sample(
                '{"timestamp":"2026-10-10T13:55:36+0000","client_ip":"203.0.113.7",'
                '"host":"shop.example.com","url":"/x",'
                '"request_method":"GET","request_protocol":"HTTP/1.1","response_state":"MISS",'
                '"response_status":200,'
                '"response_body_size":612,"time_elapsed":250000}',
                {"duration_ms": 250.0, "bytes_sent": 612, "http_version": "1.1"},
            ),
        ),
    ),
    LogFormat(
        "fastly_json_classic",
        "Fastly's recommended JSON of earlier years",
        JsonLines(CLASSIC, (("time_start",), ("time_elapsed",), ("request",), ("status",), ("url",))),
        CLASSIC,
        "start",
        samples=(
            Sample(
                '{"service_id":"SU1Z0isxPaozGVKXdv0eY","time_start":"2026-10-10T13:55:36UTC",'
                '"time_end":"2026-10-10T13:55:36UTC","time_elapsed":"250000","client_ip":"203.0.113.7",'
                '"request":"GET","protocol":"HTTP/2","host":"shop.example.com",'
                '"origin_host":"origin.example.com","url":"/x","status":"503","resp_body_size":"612"}',
                {"duration_ms": 250.0, "method": "GET", "target": "/x", "status": 503, "bytes_sent": 612},
            ),
        ),
        aliases=("fastly",),
    ),
)
