"""Request logs of the Go frameworks Gin and chi. Both log the end of a request in local time, without a zone.

Gin before version 1.6 writes no quotes around the path. chi writes a request id only where it is told to.
Sources: Gin, `logger.go`; chi, `middleware/logger.go`.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import converters, instants, kinds
from incident_kit.read.values.kinds import Kind


def _padded(kind: Kind, pattern: str) -> Kind:
    """Return a kind whose values have spaces around them, because the server aligns them in columns."""
    return Kind(lambda value: kind.read(value.str.strip_chars(" ")), pattern=rf" *{pattern} *")


def _local(form: str, pattern: str) -> Kind:
    return Kind(instants.local_instant(form), pattern=pattern)


GIN = {
    "time": Variable("timestamp", _local("%Y/%m/%d - %H:%M:%S", r"\d{4}/\d\d/\d\d - \d\d:\d\d:\d\d")),
    "status": Variable("status", _padded(kinds.WHOLE, r"\d{3}")),
    "latency": Variable("duration_ms", _padded(kinds.UNIT_DURATION, kinds.DURATION_IN_UNITS)),
    "client": Variable("client_ip", _padded(kinds.BARE, r"[^\s|]*")),
    "method": Variable("method", _padded(kinds.BARE, r"[^\s|]+")),
    "path": Variable("target"),
}
CHI = {
    "time": Variable("timestamp", _local("%Y/%m/%d %H:%M:%S", r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d")),
    # chi writes the id only where it is told to give requests ids.
    "id": Variable(
        "request_id",
        Kind(
            lambda value: converters.text(value.str.strip_chars("[] ")),
            pattern=r"(?:\[[^\]]*\] )?",
            bounded=True,
        ),
    ),
    "request": Variable("request", kinds.URL_REQUEST_LINE),
    "client": Variable("client_ip", Kind(converters.without_port, pattern=r"\S+")),
    "status": Variable("status", kinds.STATUS_OR_NONE),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
    "latency": Variable("duration_ms", kinds.UNIT_DURATION),
}
LINE = "[GIN] 2026/10/10 - 13:55:36 | 200 |    1.2345ms |     203.0.113.7 | GET      "
EXPECTED = {
    "client_ip": "203.0.113.7",
    "method": "GET",
    "target": "/x?y=1",
    "duration_ms": 1.2345,
    "status": 200,
}

FORMATS = (
    LogFormat(
        "gin",
        "Gin's default, in local time",
        template('[GIN] $time |$status|$latency|$client|$method"$path"', GIN),
        GIN,
        "end",
        samples=(Sample(f'{LINE}"/x?y=1"', EXPECTED),),
    ),
    LogFormat(
        "gin_2019",
        "Gin's default before version 1.6, in local time",
        template("[GIN] $time |$status|$latency|$client|$method $path", GIN, escaped=False),
        GIN,
        "end",
        samples=(Sample(f"{LINE}/x?y=1", EXPECTED),),
        aliases=("gin",),
        priority=-1,
    ),
    LogFormat(
        "chi",
        "chi's logger, in local time",
        template('$time $id"$request" from $client - $status ${bytes}B in $latency', CHI, escaped=False),
        CHI,
        "end",
        samples=(
            Sample(
                '2026/10/10 13:55:36 [web-1/9xs4-000001] "POST http://shop.example.com/x HTTP/1.1" from '
                "[2001:db8::7]:52435 - 500 58B in 346.149µs",
                {"host": "shop.example.com", "duration_ms": 0.346149, "client_ip": "2001:db8::7"},
            ),
            Sample(
                '2026/10/10 13:55:36 "GET http://shop.example.com/x HTTP/1.1" from 203.0.113.7 - 404 19B in '
                "1ms",
                {"client_ip": "203.0.113.7", "request_id": None, "bytes_sent": 19, "status": 404},
            ),
        ),
        absolute_targets=True,
    ),
)
