"""HAProxy's `option httplog clf`: the common log format, and behind it the values of its own log, in quotes.

The time is when the request came in, in whole seconds with the zone; its milliseconds stand in a field of
their own. The timers are those of `httplog`, old or new.
Source: HAProxy configuration manual, `option httplog` and chapter "Custom log format".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.haproxy import DERIVED, VARIABLES
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

QUOTED = Kind(converters.text, pattern=r'[^"]*')
CAPTURED = Kind(
    lambda value: converters.text(value.str.strip_chars()),
    pattern=r'(?: "[^"]*"){0,2}',
    plain=r'(?: "[^"]*"){0,2}',
)
VALUES = {
    **VARIABLES,
    "client_ip": Variable("client_ip", kinds.BARE),
    "client_port": Variable("client_port", kinds.WHOLE),
    "time": Variable("timestamp", kinds.CLF_TIME),
    "fraction": Variable("accepted_ms", kinds.WHOLE),
    **{name: Variable(name, QUOTED) for name in ("frontend", "backend", "request_cookie", "response_cookie")},
    "server": Variable("upstream_addr", Kind(VARIABLES["server"].kind.read, pattern=r'[^"]+')),
    "state": Variable("termination_state", QUOTED),
    "headers": Variable("captured_headers", CAPTURED),
}
LINE = (
    '$client_ip - - [$time] "$request" $status $bytes "" "" $client_port $fraction '
    '"$frontend" "$backend" "$server" $request_ms $queue_ms $connect_ms $response_ms $total_ms "$state" '
    "$active $frontend_active $backend_active $server_active $retries $server_queue $backend_queue "
    '"$request_cookie" "$response_cookie"$headers'
)

FORMATS = (
    LogFormat(
        "haproxy_clf",
        "HAProxy's httplog in the common log format",
        template(LINE, VALUES, escaped=False),
        VALUES,
        "start",
        samples=(
            Sample(
                '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "" "" 40124 123 '
                '"https-in~" "shop" "web-1" 10 30 1 204 250 "----" 87 87 87 1 0 0 7 "" "" '
                '"shop.example.com" ""',
                {
                    "client_ip": "203.0.113.7",
                    "client_port": 40124,
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "upstream_addr": "shop/web-1",
                },
            ),
        ),
        derived={
            **DERIVED,
            "timestamp": pl.col("timestamp") + pl.duration(milliseconds=pl.col("$accepted_ms").fill_null(0)),
        },
        aliases=("haproxy", "haproxy_http"),
    ),
)
