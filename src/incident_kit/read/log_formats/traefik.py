"""Traefik: its text format (the common log format with a duration) and its JSON lines.

The time is when the request began. Durations are in milliseconds in the text and in nanoseconds in JSON.
Traefik writes no backslash escapes.
Source: Traefik documentation, page "Access logs".
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import kinds

TEXT = {
    "client_ip": Variable("client_ip", kinds.CLIENT),
    "user": Variable("user", kinds.USER),
    "time": Variable("timestamp", kinds.CLF_TIME),
    "request": Variable("request", kinds.REQUEST_LINE),
    "status": Variable("status", kinds.STATUS),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
    "referer": Variable("referer"),
    "user_agent": Variable("user_agent"),
    "request_count": Variable("request_count", kinds.WHOLE),
    "router": Variable("router"),
    "upstream": Variable("upstream_addr"),
    "duration": Variable("duration_ms", kinds.MILLISECONDS),
}
MAYBE_BARE = ("referer", "user_agent", "router", "upstream")
BARE = {
    name: replace(variable, kind=kinds.QUOTED_OR_DASH) if name in MAYBE_BARE else variable
    for name, variable in TEXT.items()
}
JSON = {
    "StartUTC": Variable("timestamp", kinds.ANY_TIME),
    "StartLocal": Variable("timestamp", kinds.ANY_TIME),
    "time": Variable("timestamp", kinds.ANY_TIME),
    "RequestMethod": Variable("method"),
    "RequestPath": Variable("target"),
    "RequestProtocol": Variable("http_version", kinds.PROTOCOL),
    "RequestHost": Variable("host"),
    "DownstreamStatus": Variable("status", kinds.STATUS),
    "DownstreamContentSize": Variable("bytes_sent", kinds.WHOLE),
    "Duration": Variable("duration_ms", kinds.NANOSECONDS),
    "ClientHost": Variable("client_ip", kinds.LAST_OF_LIST),
    "ClientAddr": Variable("client"),
    "ClientUsername": Variable("user"),
    "request_User-Agent": Variable("user_agent"),
    "request_Referer": Variable("referer"),
    "request_X-Request-Id": Variable("request_id"),
    "request_Traceparent": Variable("trace", kinds.TRACE),
    "TraceId": Variable("trace", kinds.TRACE),
    "request_X-B3-Traceid": Variable("trace", kinds.TRACE),
    "request_B3": Variable("trace", kinds.TRACE),
    "request_X-Amzn-Trace-Id": Variable("trace", kinds.TRACE),
    "ServiceAddr": Variable("upstream_addr"),
    "BackendAddr": Variable("upstream_addr"),
    "OriginStatus": Variable("upstream_status", kinds.ABOVE_ZERO),
    "OriginDuration": Variable("upstream_duration_ms", kinds.NANOSECONDS),
    "RetryAttempts": Variable("retry_attempts", kinds.WHOLE),
}

FORMATS = (
    LogFormat(
        "traefik_clf",
        "Traefik's default",
        template(
            '$client_ip - $user [$time] "$request" $status $bytes "$referer" "$user_agent" $request_count '
            '"$router" "$upstream" ${duration}ms',
            TEXT,
            escaped=False,
        ),
        TEXT,
        "start",
        samples=(
            Sample(
                '172.17.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 405 "-" "curl/8.5" 502 '
                '"shop@docker" "http://172.17.0.3:80" 25ms',
                {"duration_ms": 25.0, "upstream_addr": "http://172.17.0.3:80", "upstream_attempts": None},
            ),
        ),
        aliases=("traefik",),
    ),
    LogFormat(
        "traefik_clf_bare",
        "Traefik 1's, with a bare dash for what there was not",
        template(
            '$client_ip - $user [$time] "$request" $status $bytes $referer $user_agent $request_count '
            "$router $upstream ${duration}ms",
            BARE,
            escaped=False,
        ),
        BARE,
        "start",
        samples=(
            Sample(
                '172.17.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 405 - "curl/8.5" 502 '
                '"shop" "http://172.17.0.3:80" 25ms',
                {"duration_ms": 25.0, "referer": None, "user_agent": "curl/8.5"},
            ),
        ),
        aliases=("traefik", "traefik_clf"),
    ),
    LogFormat(
        "traefik_json",
        "Traefik's JSON lines",
        JsonLines(JSON, (("RequestMethod",), ("DownstreamStatus", "OriginStatus"))),
        JSON,
        "start",
        samples=(
            Sample(
                '{"ClientHost":"203.0.113.7","DownstreamStatus":502,"Duration":250000000,'
                '"OriginDuration":204000000,'
                '"OriginStatus":502,"RequestMethod":"GET","RequestPath":"/x","RetryAttempts":1,'
                '"ServiceAddr":"10.0.0.1:80","ServiceName":"shop@docker",'
                '"StartUTC":"2026-10-10T13:55:36.123456789Z"}',
                {
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "upstream_attempts": 2,
                    "extra": '{"retry_attempts":1,"ServiceName":"shop@docker"}',
                },
            ),
        ),
        derived={
            "upstream_attempts": pl.when(pl.col("upstream_addr").is_not_null()).then(
                pl.col("$retry_attempts") + 1
            )
        },
    ),
)
