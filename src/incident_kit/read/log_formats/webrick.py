"""WEBrick's access log, which dates the start of a request and names its time zone (`CEST`).

An application behind WEBrick may log the same requests, as Rack does, so WEBrick's log is read by itself.
Source: Ruby's documentation, module `WEBrick::AccessLog`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.values import kinds

NAMED_TIME = replace(
    kinds.CLF_TIME, pattern=r"\d{2}/[A-Za-z]{3}/\d{4}:\d{2}:\d{2}:\d{2} [A-Z]{3,5}", width=None, named=True
)
VARIABLES = NGINX | {"time": Variable("timestamp", NAMED_TIME)}
COMMON = '$remote_addr - $remote_user [$time] "$request" $status $body_bytes_sent'
LINE = '203.0.113.7 - - [10/Oct/2026:15:55:36 CEST] "GET /x?y=1 HTTP/1.1" 200 612'
EXPECTED = {"timestamp": datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC), "query": "y=1", "bytes_sent": 612}


def _row(name: str, description: str, end: str, sample: Sample) -> LogFormat:
    layout = template(COMMON + end, VARIABLES)
    return LogFormat(name, description, layout, VARIABLES, "start", (sample,), priority=-1, exclusive=True)


FORMATS = (
    _row("webrick", "WEBrick's common log", "", Sample(LINE, EXPECTED)),
    _row(
        "webrick_combined",
        "WEBrick's combined log",
        ' "$http_referer" "$http_user_agent"',
        Sample(f'{LINE} "-" "curl/8.5"', {**EXPECTED, "user_agent": "curl/8.5"}),
    ),
)
