"""Cloudflare's Logpush: JSON lines with the start and the end of each request.

The duration is the difference of the two times. An origin status of 0 means that the origin was not asked.
Source: Cloudflare documentation, data set "HTTP requests".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

CLOUDFLARE = {
    "EdgeStartTimestamp": Variable("timestamp", kinds.ANY_TIME),
    "EdgeEndTimestamp": Variable("finish", kinds.ANY_TIME),
    "ClientRequestMethod": Variable("method"),
    "ClientRequestURI": Variable("target"),
    "ClientRequestPath": Variable("path"),
    "ClientRequestProtocol": Variable("http_version", kinds.PROTOCOL),
    "ClientRequestHost": Variable("host"),
    "ClientRequestUserAgent": Variable("user_agent"),
    "ClientRequestReferer": Variable("referer"),
    "ClientIP": Variable("client_ip"),
    "ClientSrcPort": Variable("client_port", kinds.WHOLE),
    "EdgeResponseStatus": Variable("status", kinds.ANY_STATUS),
    "EdgeResponseBytes": Variable("bytes_sent", kinds.WHOLE),
    "OriginIP": Variable("upstream_addr"),
    "OriginResponseStatus": Variable("upstream_status", kinds.ABOVE_ZERO),
    "OriginResponseDurationMs": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "OriginResponseTime": Variable("upstream_duration_ms", kinds.NANOSECONDS),
    "EdgeTimeToFirstByteMs": Variable("time_to_first_byte_ms", kinds.MILLISECONDS),
    "RayID": Variable("request_id"),
}


def _elapsed() -> pl.Expr:
    """Return the milliseconds from start to end; null if both are whole seconds, as that would be a guess."""
    start, finish = pl.col("timestamp"), pl.col("finish")
    exact = (start.dt.microsecond() != 0) | (finish.dt.microsecond() != 0)
    return pl.when(exact & (finish >= start)).then(((finish - start).dt.total_microseconds() / 1000).round(3))


FORMATS = (
    LogFormat(
        "cloudflare",
        "Cloudflare Logpush, HTTP requests",
        JsonLines(CLOUDFLARE, (("ClientRequestMethod",), ("EdgeStartTimestamp",))),
        CLOUDFLARE,
        "start",
        samples=(
            Sample(
                '{"ClientIP":"203.0.113.7","ClientRequestHost":"shop.example.com","ClientRequestMethod":"GET",'
                '"ClientRequestURI":"/x?y=1","EdgeStartTimestamp":1791640536000000000,"EdgeEndTimestamp":'
                '1791640536250000000,"EdgeResponseStatus":502,"OriginResponseStatus":0,'
                '"OriginResponseDurationMs":204,'
                '"RayID":"3a6050bcbe121a87"}',
                {
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "upstream_status": None,
                    "query": "y=1",
                },
            ),
        ),
        derived={"duration_ms": _elapsed()},
    ),
)
