r"""LTSV: labelled tab-separated values, such as `time:...\thost:203.0.113.7\tstatus:200\treqtime:0.250`.

The label `host` is the client, not the server, because the source defines it so.
Source: ltsv.org, section "Labels for web server's log".
"""

from __future__ import annotations

from incident_kit.read.layouts.labelled import Labelled
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.json_names import NAMES
from incident_kit.read.log_formats.json_names import VARIABLES as JSON
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.values import kinds

VARIABLES = {
    "time": Variable("timestamp", kinds.ANY_TIME),
    "time_local": Variable("timestamp", kinds.ANY_TIME),
    "local_time": Variable("timestamp", kinds.ANY_TIME),
    "req": Variable("request", kinds.REQUEST_LINE),
    "request": Variable("request", kinds.REQUEST_LINE),
    "method": Variable("method"),
    # With labels of nginx, `request_uri` goes before `uri`, because nginx may rewrite the latter internally,
    # and `body_bytes_sent` before `bytes_sent`, because `size` counts the body.
    "request_uri": Variable("target"),
    "uri": Variable("target"),
    "path": Variable("path"),
    "query": JSON["query"],
    "protocol": Variable("http_version", kinds.PROTOCOL),
    "vhost": Variable("host"),
    "server": Variable("host"),
    "status": Variable("status", kinds.ANY_STATUS),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "body_bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
    "reqtime": Variable("duration_ms", kinds.SECONDS),
    "request_time": Variable("duration_ms", kinds.SECONDS),
    "reqtime_microsec": Variable("duration_ms", kinds.MICROSECONDS),
    "taken_sec": Variable("duration_ms", kinds.SECONDS),
    "host": Variable("client_ip"),
    "remote_addr": Variable("client_ip"),
    "user": Variable("user"),
    "ua": Variable("user_agent"),
    "referer": Variable("referer"),
    "apptime": Variable("upstream_times", kinds.UPSTREAM_LIST),
    "upstream_response_time": Variable("upstream_times", kinds.UPSTREAM_LIST),
    "upstream_addr": Variable("upstream_addrs", kinds.UPSTREAM_LIST),
    "upstream": Variable("upstream_addrs", kinds.UPSTREAM_LIST),
    "upstream_status": Variable("upstream_statuses", kinds.UPSTREAM_LIST),
    "reqid": Variable("request_id"),
    "traceparent": Variable("trace", kinds.TRACE),
    "trace_id": Variable("trace", kinds.TRACE),
}
# Labels named after nginx's variables mean those. The time with LTSV's own label goes before `msec`.
VARIABLES |= {name: row for name, row in NGINX.items() if name not in VARIABLES}
# Further labels have the names of the keys in JSON lines.
VARIABLES |= {
    name: JSON[name]
    for column in ("user_agent", "referer", "request_id", "method", "bytes_sent", "client_ip")
    for name in NAMES[column]
    if name not in VARIABLES
}

FORMATS = (
    LogFormat(
        "ltsv",
        "labelled tab-separated values",
        Labelled(requires=("status",)),
        VARIABLES,
        "end",
        samples=(
            Sample(
                "time:2026-10-10T13:55:36+00:00\thost:203.0.113.7\treq:GET /x "
                "HTTP/1.1\tstatus:200\tsize:612\t"
                "reqtime:0.250\tapptime:0.204\tua:curl/8.5\tcache:HIT",
                {
                    "client_ip": "203.0.113.7",
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "extra": '{"cache":"HIT"}',
                },
            ),
            Sample(
                "time:[10/Oct/2026:13:55:36 +0000]\tstatus:200\tmethod:GET\turi:/x\treqtime_microsec:250000",
                {"duration_ms": 250.0, "path": "/x"},
            ),
        ),
    ),
)
