"""Rack's common logger, used by Sinatra and Puma: the common log format, then the duration in seconds.

Rack writes the line when the response is done. The client is the forwarded address if there is one. The
duration has four decimals, which distinguishes it from what others put after the common format. Versions
before 1.5 write no zone.
Source: Rack's documentation, class `Rack::CommonLogger`.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.log_formats.python_values import DAY_AND_TIME
from incident_kit.read.values import durations, kinds
from incident_kit.read.values.kinds import Kind

VARIABLES = NGINX | {
    "forwarded": Variable("client_ip", kinds.FORWARDED),
    "day_and_time": Variable("timestamp", DAY_AND_TIME),
    "elapsed": Variable("duration_ms", Kind(durations.milliseconds(1000), pattern=r"\d+\.\d{4}")),
}
REST = '"$request" $status $body_bytes_sent $elapsed'

FORMATS = (
    LogFormat(
        "rack",
        "Rack's common logger, of Sinatra and Puma",
        template(f"$forwarded - $remote_user [$time_local] {REST}", VARIABLES),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 0.2504',
                {"client_ip": "203.0.113.7", "query": "y=1", "duration_ms": 250.4, "bytes_sent": 612},
            ),
        ),
        aliases=("sinatra", "puma"),
    ),
    LogFormat(
        "rack_local",
        "Rack's common logger before version 1.5, in local time",
        template(f"$forwarded - $remote_user [$day_and_time] {REST}", VARIABLES),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '203.0.113.7 - - [10/Oct/2026 13:55:36] "GET /x HTTP/1.1" 404 - 0.0005',
                {"status": 404, "bytes_sent": None, "duration_ms": 0.5},
            ),
        ),
        aliases=("rack", "sinatra", "puma"),
    ),
)
