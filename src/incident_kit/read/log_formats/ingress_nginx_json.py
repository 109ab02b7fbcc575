"""ingress-nginx's log as JSON for Google Cloud: its values in the form of Cloud Logging's `httpRequest`.

A widespread configuration of `log-format-upstream`, in variants: the URL with or without the host, and the
latency with or without a unit, which may be that of the upstream, one for each attempt. The time is when the
request was done.
Source: configurations that users published.
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind


def _summed(value: pl.Expr) -> pl.Expr:
    """Read `0.204 s`, or a time for each attempt, `0.100, 0.104 s`, as their sum in milliseconds."""
    attempts = value.str.strip_chars_end("s ").str.split(", ").list.eval(kinds.SECONDS.read(pl.element()))
    return pl.when(attempts.list.drop_nulls().list.len() > 0).then(attempts.list.sum().round(6))


REQUEST = "httpRequest"
JSON = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "requestID": Variable("request_id"),
    "proxyUpstreamName": Variable("proxy_upstream_name"),
    "upstreamAddr": NGINX["upstream_addr"],
    "upstreamStatus": NGINX["upstream_status"],
    "host": Variable("host"),
    "request_time": Variable("duration_ms", kinds.SECONDS),
    f"{REQUEST}.latency": Variable("duration_ms", Kind(_summed)),
    f"{REQUEST}.requestMethod": Variable("method"),
    f"{REQUEST}.requestUrl": Variable("target"),
    f"{REQUEST}.status": Variable("status", kinds.ANY_STATUS),
    f"{REQUEST}.responseSize": Variable("bytes_sent", kinds.WHOLE),
    f"{REQUEST}.remoteIp": Variable("client_ip", kinds.WITHOUT_PORT),
    f"{REQUEST}.userAgent": Variable("user_agent"),
    f"{REQUEST}.referer": Variable("referer"),
    f"{REQUEST}.protocol": Variable("http_version", kinds.PROTOCOL),
}
# What `$host$request_uri` writes is a URL without its scheme.
WITHOUT_SCHEME = r"^[\w.-]+(?::\d+)?/"
URL = (
    pl.when(pl.col("target").str.contains(WITHOUT_SCHEME))
    .then("http://" + pl.col("target"))
    .otherwise("target")
)

FORMATS = (
    LogFormat(
        "ingress_nginx_json",
        "the ingress-nginx controller's log as JSON for Google Cloud",
        JsonLines(
            JSON,
            (
                (f"{REQUEST}.requestMethod",),
                (f"{REQUEST}.requestUrl",),
                ("proxyUpstreamName", "upstreamAddr", "upstreamStatus"),
            ),
        ),
        JSON,
        "end",
        samples=(
            Sample(
                '{"timestamp":"2026-10-10T13:55:36+00:00","requestID":"aa11","proxyUpstreamName":"shop-cart-80",'
                '"upstreamStatus":"502, 200","upstreamAddr":"10.1.0.7:8080, 10.1.0.9:8080","httpRequest":'
                '{"requestMethod":"GET","requestUrl":"shop.example.com/x?y=1","status":200,'
                '"responseSize":"612","remoteIp":"203.0.113.7","latency":"0.100, 0.104 s",'
                '"protocol":"HTTP/1.1"}}',
                {
                    "host": "shop.example.com",
                    "path": "/x",
                    "query": "y=1",
                    "duration_ms": 204.0,
                    "upstream_addr": "10.1.0.9:8080",
                    "upstream_attempts": 2,
                    "upstream_status": 200,
                },
            ),
        ),
        derived={"target": URL},
        aliases=("ingress_nginx", "nginx"),
        absolute_targets=True,
        priority=1,
    ),
)
