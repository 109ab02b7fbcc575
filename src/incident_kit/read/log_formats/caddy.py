"""Caddy's access log: JSON lines that Caddy writes when a request is done, with durations in seconds.

`ts` may change from a number to text in mid-file, after an upgrade. Status 0 means that the request was never
answered. When a request fails, the logger `http.log.error` writes a second line about it; that line is
excluded, because otherwise the request would count twice.
Source: Caddy documentation, directive `log`.
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import durations, kinds
from incident_kit.read.values.kinds import Kind

# The setting `duration_format` makes Caddy write a number of seconds or text with a unit.
DURATION = Kind(lambda value: pl.coalesce(kinds.SECONDS.read(value), durations.unit_duration(value)))
VARIABLES = {
    "ts": Variable("timestamp", kinds.ANY_TIME),
    "request.method": Variable("method"),
    "request.uri": Variable("target"),
    "request.proto": Variable("http_version", kinds.PROTOCOL),
    "request.host": Variable("host"),
    "status": Variable("status", kinds.ANY_STATUS),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "duration": Variable("duration_ms", DURATION),
    # As the first versions of Caddy 2 called it.
    "latency": Variable("duration_ms", DURATION),
    "request.client_ip": Variable("client_ip"),
    "request.remote_ip": Variable("client_ip"),
    "request.remote_port": Variable("client_port", kinds.WHOLE),
    "request.remote_addr": Variable("client"),
    "user_id": Variable("user"),
    "request.headers.User-Agent": Variable("user_agent"),
    "request.headers.Referer": Variable("referer"),
    "request.headers.Traceparent": Variable("trace", kinds.TRACE),
    "request.headers.X-B3-Traceid": Variable("trace", kinds.TRACE),
    "request.headers.B3": Variable("trace", kinds.TRACE),
    "request.headers.X-Amzn-Trace-Id": Variable("trace", kinds.TRACE),
    "request.headers.X-Request-Id": Variable("request_id"),
    "traceID": Variable("trace", kinds.TRACE),
    "logger": Variable("logger"),
}

FORMATS = (
    LogFormat(
        "caddy_json",
        "Caddy's access log",
        JsonLines(VARIABLES, (("request.uri",), ("request.method",), ("ts",)), {"logger": "http.log.error"}),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"level":"info","ts":1791640536.25,"logger":"http.log.access",'
                '"msg":"handled request","request":'
                '{"client_ip":"203.0.113.7","proto":"HTTP/2.0","method":"GET",'
                '"host":"shop.example.com:443","uri":'
                '"/x?y=1","headers":{"User-Agent":["curl/8.5"]}},"duration":0.25,"size":612,"status":200}',
                {"duration_ms": 250.0, "host": "shop.example.com", "query": "y=1", "user_agent": "curl/8.5"},
            ),
        ),
        aliases=("caddy",),
    ),
)
