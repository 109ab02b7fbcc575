"""Squid's native log, and its `common` and `combined` formats. The time is when the request was done.

Source: Squid documentation, directive `logformat`.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.squid_format_string import named_format
from incident_kit.read.values import durations, kinds
from incident_kit.read.values.kinds import Kind

# Squid pads durations on the left with spaces. The result is `TCP_MISS/200`, the peer `HIER_DIRECT/10.0.0.1`.
PADDED = Kind(lambda value: durations.milliseconds(1)(value.str.strip_chars()), pattern=r" *-?\d+")
VARIABLES = {
    "time": Variable("timestamp", kinds.EPOCH_SECONDS),
    "elapsed": Variable("duration_ms", PADDED),
    "client": Variable("client_ip", kinds.BARE),
    "result": Variable("cache_result", kinds.SHORT_WORD),
    "status": Variable("status", kinds.STATUS),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "method": Variable("method", kinds.BARE),
    "url": Variable("target", kinds.BARE),
    "user": Variable("user", kinds.BARE),
    "hierarchy": Variable("hierarchy", kinds.SHORT_WORD),
    "peer": Variable("upstream_addr", kinds.BARE),
    "content_type": Variable("content_type", kinds.BARE),
    "rest": Variable("rest", kinds.OPTIONAL_REST),
}
COMMON = '%>a %[ui %[un [%tl] "%rm %ru %rv" %>Hs %<st'
LINE = '203.0.113.7 - ann [10/Oct/2026:13:55:36 +0000] "GET http://shop.example.com/x HTTP/1.1" 200 612'
RESULT = "TCP_MISS:HIER_DIRECT"
EXPECTED = {
    "client_ip": "203.0.113.7",
    "host": "shop.example.com",
    "path": "/x",
    "http_version": "1.1",
    "extra": '{"cache_result":"TCP_MISS","hierarchy":"HIER_DIRECT"}',
}

FORMATS = (
    LogFormat(
        "squid",
        "Squid's native access.log",
        template(
            "$time $elapsed $client $result/$status $size $method $url $user $hierarchy/$peer "
            "$content_type$rest",
            VARIABLES,
            escaped=False,
        ),
        VARIABLES,
        "end",
        samples=(
            Sample(
                "1791640536.250    250 203.0.113.7 TCP_MISS/200 612 GET http://shop.example.com/x - "
                "HIER_DIRECT/10.0.0.1 -",
                {
                    "duration_ms": 250.0,
                    "host": "shop.example.com",
                    "path": "/x",
                    "upstream_addr": "10.0.0.1",
                    "extra": '{"cache_result":"TCP_MISS","hierarchy":"HIER_DIRECT"}',
                },
            ),
        ),
        absolute_targets=True,
    ),
    named_format(
        f"{COMMON} %Ss:%Sh",
        "squid_common",
        "Squid's `common`, the result after it",
        Sample(f"{LINE} {RESULT}", EXPECTED),
        aliases=("squid",),
    ),
    named_format(
        f'{COMMON} "%{{Referer}}>h" "%{{User-Agent}}>h" %Ss:%Sh',
        "squid_combined",
        "Squid's `combined`, the result after it",
        Sample(f'{LINE} "-" "curl/8.5" {RESULT}', EXPECTED | {"user_agent": "curl/8.5", "referer": None}),
        aliases=("squid",),
    ),
)
