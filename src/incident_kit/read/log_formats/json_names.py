"""What the keys of JSON lines are called, and what their values mean: a row a name.

Source: the names that frameworks, nginx configurations, ECS and OpenTelemetry's conventions use.
"""

from __future__ import annotations

from collections.abc import Mapping

from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.kinds import Kind
from incident_kit.read.parsing.log_format import Variable

# What a key must be called for its value to be taken: by column, the names in use, the likeliest first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "timestamp": ("@timestamp", "timestamp", "time", "ts", "datetime", "date", "start_time", "msec",
                  "time_iso8601", "time_local"),
    "method": ("request_method", "method", "http_method", "verb", "http.request.method", "http.method",
               "request.method", "requestMethod", "req.method"),
    "target": ("request_uri", "target", "url", "uri", "http.target", "url.original", "request.uri",
               "request.url", "requestUri", "req.url", "http.url", "http.request.uri"),
    "path": ("path", "url.path", "request_path", "request.path", "http.path", "url_path",
             "http.url_details.path"),
    "query": ("args", "query_string", "query", "url.query", "request_query"),
    "http_version": ("server_protocol", "protocol", "http_version", "request.protocol", "http.version",
                     "request_proto", "proto"),
    "host": ("http_host", "host", "server_name", "vhost", "request.host", "url.domain", "http.request.host",
             "http.url_details.host"),
    # A mere `status` may be a level or a word beside one of the others.
    "status": ("http.response.status_code", "http.status_code", "response.status_code", "response.status",
               "res.statusCode", "http.response.status", "http_status", "response_status", "status_code",
               "statusCode", "status"),
    "bytes_sent": ("body_bytes_sent", "bytes_sent", "response_size", "bytes", "http.response.body.bytes",
                   "response_bytes", "size", "bytes_out", "response_length", "http.response.bytes",
                   "http.response.written", "network.bytes_written"),
    "client_ip": ("remote_addr", "client_ip", "remote_ip", "clientip", "client.ip", "client.address",
                  "source.ip", "ip", "remote_address", "req.remoteAddress", "network.client.ip",
                  "http.request.remoteaddr"),
    "client_port": ("remote_port", "client_port", "client.port", "source.port", "req.remotePort",
                    "network.client.port"),
    "user": ("remote_user", "user", "user.name"),
    "user_agent": ("http_user_agent", "user_agent", "userAgent", "user_agent.original", "agent",
                   "req.headers.user-agent", "http.useragent", "http.request.useragent"),
    "referer": ("http_referer", "referer", "referrer", "http_referrer", "http.request.referrer",
                "http.referer"),
    "request_id": ("request_id", "requestId", "req_id", "x_request_id", "http.request.id"),
    "trace": ("trace_id", "traceId", "trace.id", "traceID", "traceparent", "http_traceparent", "trace"),
}  # fmt: skip
DURATIONS: Mapping[str, Kind] = {
    "request_time": kinds.SECONDS,
    "duration_ms": kinds.MILLISECONDS,
    "latency_ms": kinds.MILLISECONDS,
    "elapsed_ms": kinds.MILLISECONDS,
    "took_ms": kinds.MILLISECONDS,
    "response_time_ms": kinds.MILLISECONDS,
    "durationMs": kinds.MILLISECONDS,
    "latencyMs": kinds.MILLISECONDS,
    "request_time_seconds": kinds.SECONDS,
    "latency_human": kinds.UNIT_DURATION,
    "duration_s": kinds.SECONDS,
    "duration_seconds": kinds.SECONDS,
    "latency_seconds": kinds.SECONDS,
    "duration_us": kinds.MICROSECONDS,
    "duration_micros": kinds.MICROSECONDS,
    "duration_ns": kinds.NANOSECONDS,
    "event.duration": kinds.NANOSECONDS,
}
# Some call the scheme the protocol.
VERSION = Kind(lambda value: value.str.extract(r"^(?:HTTP/)?(\d(?:\.\d)?)$"))
COLUMN_KINDS: Mapping[str, Kind] = {
    "timestamp": kinds.ANY_TIME,
    "start_time": kinds.ANY_TIME,
    "status": kinds.WHOLE,
    "upstream_status": kinds.WHOLE,
    "bytes_sent": kinds.WHOLE,
    "client_ip": kinds.WITHOUT_PORT,
    "client_port": kinds.WHOLE,
    "upstream_attempts": kinds.WHOLE,
    "duration_ms": kinds.MILLISECONDS,
    "upstream_duration_ms": kinds.MILLISECONDS,
    "http_version": VERSION,
    "trace": kinds.TRACE,
}
VARIABLES = {
    **{
        name: Variable(column, COLUMN_KINDS.get(column, kinds.TEXT))
        for column, names in NAMES.items()
        for name in names
    },
    **{name: Variable("duration_ms", kind) for name, kind in DURATIONS.items()},
    **{
        name: variable
        for name, variable in NGINX.items()
        if name.startswith("upstream_") or name == "request"
    },
    "http.request.line": Variable("request", kinds.REQUEST_LINE),
    "logger": Variable("logger"),
}


def group(*columns: str) -> tuple[str, ...]:
    """Return the names of the keys that become one of the columns."""
    return tuple(name for name, variable in VARIABLES.items() if variable.column in columns)


TIMES = group("timestamp")
# What makes a line a request, beside its time: of each group one key must be there.
REQUIRED = (group("status"), group("method", "request", "target", "path"))
# Caddy repeats a request that failed in its error log.
NO_REQUESTS = {"logger": "http.log.error"}
