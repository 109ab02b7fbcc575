"""Actix Web's access log, behind the head that env_logger writes.

The time is the logger's, so that of the end; the duration is in seconds.
Sources: the documentation of actix-web's middleware `Logger` and of env_logger.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

VARIABLES = {
    "logged": Variable("timestamp", kinds.ISO_TIME),
    # Written five letters wide.
    "level": Variable(
        "level", Kind(lambda value: converters.text(value.str.strip_chars()), pattern="[A-Z]+ ?")
    ),
    "logger": Variable("logger", kinds.BARE),
    "client": Variable("client_ip", kinds.ADDRESS),
    "request": Variable("request", kinds.REQUEST_LINE),
    "status": Variable("status", kinds.STATUS),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "referer": Variable("referer"),
    "agent": Variable("user_agent"),
    "taken": Variable("duration_ms", kinds.SECONDS),
}

FORMATS = (
    LogFormat(
        "actix",
        "Actix Web's default, seconds",
        template(
            '[$logged $level $logger] $client "$request" $status $size "$referer" "$agent" $taken',
            VARIABLES,
            escaped=False,
        ),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '[2026-10-10T13:55:36Z INFO  actix_web::middleware::logger] 203.0.113.7 "GET /x HTTP/1.1" '
                '200 612 "-" "curl/8.5" 0.001234',
                {"client_ip": "203.0.113.7", "status": 200, "duration_ms": 1.234, "user_agent": "curl/8.5"},
            ),
        ),
    ),
)
