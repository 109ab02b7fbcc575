"""uWSGI's request log. The time is when the request began, in local time.

The line names the unit of the duration, which is milliseconds or microseconds. Behind a socket it has no
client.
Source: uWSGI, `core/logging.c`, `uwsgi_logit_simple`.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.layouts.template_string import template
from incident_kit.read.values import converters, instants, kinds
from incident_kit.read.values.kinds import Kind

# uWSGI pads the day of the month with a space.
TIME = Kind(
    instants.local_instant("%a %b %e %H:%M:%S %Y"),
    pattern=r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}",
)
# Says how the body was sent if the worker did not send it itself.
VIA = Kind(converters.text, pattern=r"(?: via [a-z]+\(\))?", bounded=True)
REST = kinds.OPTIONAL_REST
VARIABLES = {
    "pid": Variable("pid", kinds.WHOLE),
    "app": Variable("app", kinds.WHOLE),
    "client": Variable("client_ip", kinds.SHORT_WORD),
    "user": Variable("user", Kind(converters.text, pattern=r"[^)]*")),
    "request_bytes": Variable("request_bytes", kinds.WHOLE),
    "time": Variable("timestamp", TIME),
    "method": Variable("method", kinds.BARE),
    "target": Variable("target", kinds.UNQUOTED),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
    "msecs": Variable("duration_ms", kinds.MILLISECONDS),
    "micros": Variable("duration_ms", kinds.MICROSECONDS),
    "via": Variable("via", VIA),
    "version": Variable("http_version", kinds.PROTOCOL),
    "status": Variable("status", kinds.STATUS),
    "rest": Variable("rest", REST),
}
LINE = (
    "[pid: $pid|app: $app|req: $app_requests/$worker_requests] $client ($user) "
    "{$variables vars in $request_bytes bytes} [$time] $method $target => generated $bytes bytes in $%s$via "
    "($version $status) $headers headers in $header_bytes bytes ($switches switches on core $core)$rest"
)


def _row(name: str, unit: str, took: str) -> LogFormat:
    sample = (
        "[pid: 7|app: 0|req: 2/5] 203.0.113.7 (ann) {44 vars in 1322 bytes} [Sat Oct 10 13:55:36 2026] "
        f"GET /x?y=1 => generated 612 bytes in {took} {unit} (HTTP/1.1 502) 4 headers in 188 bytes "
        "(1 switches on core 0)"
    )
    return LogFormat(
        name,
        f"uWSGI's request log, durations in {unit}",
        template(LINE % f"{{{unit}}} {unit}", VARIABLES, escaped=False),
        VARIABLES,
        "start",
        samples=(Sample(sample, {"status": 502, "duration_ms": 250.0, "user": "ann", "query": "y=1"}),),
        aliases=("uwsgi",),
    )


FORMATS = (_row("uwsgi", "msecs", "250"), _row("uwsgi_micros", "micros", "250000"))
