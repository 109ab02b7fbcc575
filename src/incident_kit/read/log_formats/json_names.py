"""The usual keys of JSON lines and what their values mean, one row a key.

Source: the names that frameworks, nginx configurations, ECS and OpenTelemetry's conventions use.
"""

from __future__ import annotations

from collections.abc import Mapping

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.log_formats.duration_names import DURATIONS, UNIT_IN_VALUE
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

# Headers that carry a trace, as clients and Go spell them, and what writers call the object that holds the
# headers of the request.
TRACE_HEADERS = (
    "traceparent", "Traceparent", "x-b3-traceid", "X-B3-Traceid", "X-B3-TraceId", "b3", "B3",
    "x-amzn-trace-id", "X-Amzn-Trace-Id", "uber-trace-id", "Uber-Trace-Id", "x-cloud-trace-context",
    "X-Cloud-Trace-Context",
)  # fmt: skip
HEADERS = (
    "req.headers", "request.headers", "headers", "request_headers", "http.request.headers",
    "httpRequest.headers", "meta.req.headers",
)  # fmt: skip
# The keys in use for each column, the likeliest first.
NAMES: Mapping[str, tuple[str, ...]] = {
    "timestamp": ("@timestamp", "timestamp", "time", "ts", "datetime", "date", "msec", "time_iso8601",
                  "time_local", "time_date", "Timestamp", "event_time", "eventTime", "log_time", "date_time",
                  "dateTime"),
    "start_time": ("start_time", "startTime", "started_at", "startedAt", "request_start_time"),
    "method": ("request_method", "method", "http_method", "verb", "http.request.method", "http.method",
               "request.method", "requestMethod", "req.method", "httpMethod", "http_verb",
               "http_request_method", "meta.req.method", "httpRequest.method", "proxy.method"),
    "target": ("request_uri", "target", "url", "uri", "http.target", "url.original", "request.uri",
               "request.url", "requestUri", "req.url", "http.url", "http.request.uri", "url.full",
               "requestUrl", "request_url", "originalUrl", "meta.req.url", "httpRequest.url", "uri_path",
               "proxy.path", "requested_uri"),
    "path": ("path", "url.path", "request_path", "request.path", "http.path", "url_path",
             "http.url_details.path", "requestPath", "http_path", "httpRequest.path"),
    "query": ("args", "query_string", "query", "url.query", "request_query", "queryString", "uri_query"),
    "route": ("http.route", "http_route"),
    "http_version": ("server_protocol", "protocol", "http_version", "request.protocol", "http.version",
                     "request_proto", "request_protocol", "proto", "network.protocol.version", "http.flavor",
                     "httpVersion", "request.proto", "http-version", "httpRequest.proto"),
    "host": ("http_host", "host", "server_name", "vhost", "request.host", "url.domain", "http.request.host",
             "http.url_details.host", "server.address", "authority", ":authority", "req.host",
             "req.headers.host", "http.host", "virtual_host", "request.headers.host", "request.headers.Host"),
    # `status` comes late: beside one of the other keys it may be a log level or a word. `response` is last:
    # it may be the whole answer, not only its status.
    "status": ("http.response.status_code", "http.status_code", "response.status_code", "response.status",
               "res.statusCode", "http.response.status", "http_status", "response_status", "status_code",
               "statusCode", "http_status_code", "httpStatus", "status-code", "response_code", "responseCode",
               "responseStatus", "response.statusCode", "res.status", "meta.res.statusCode",
               "httpResponse.status", "http.status", "request.status",
               "status", "response"),
    "bytes_sent": ("body_bytes_sent", "bytes_sent", "response_size", "bytes", "http.response.body.bytes",
                   "response_bytes", "response_bytes_sent", "size", "bytes_out", "response_length",
                   "http.response.bytes", "http.response.written", "network.bytes_written",
                   "http.response.body.size", "written_bytes", "bytes_written", "bytesSent", "responseSize",
                   "responseLength", "response_body_size", "resp_body_size", "response.size",
                   "response.bytes", "http.response_content_length", "res.headers.content-length",
                   "httpResponse.bytes", "body_bytes"),
    "client_ip": ("remote_addr", "client_ip", "remote_ip", "clientip", "client.ip", "client.address",
                  "source.ip", "ip", "remote_address", "req.remoteAddress", "network.client.ip",
                  "http.request.remoteaddr", "clientIp", "clientIP", "client_addr", "client_address",
                  "remoteIp", "remoteIP", "remoteAddr", "remoteAddress", "remote_host", "remote-address",
                  "source.address", "source_ip", "sourceIp", "sourceIPAddress", "src_ip", "srcIp", "req.ip",
                  "client", "http.client_ip", "httpRequest.remoteIP", "proxy.clientIp", "client.addr",
                  "ip_address", "ipAddress", "ip_addr", "clientAddress"),
    "client_port": ("remote_port", "client_port", "client.port", "source.port", "req.remotePort",
                    "network.client.port"),
    "user": ("remote_user", "user", "user.name", "username", "user_name", "userName"),
    "user_agent": ("http_user_agent", "user_agent", "userAgent", "user_agent.original", "agent",
                   "req.headers.user-agent", "http.useragent", "http.request.useragent", "ua", "user-agent",
                   "useragent", "request_user_agent", "http.user_agent", "request.headers.User-Agent",
                   "request.headers.user-agent", "headers.user-agent", "httpRequest.userAgent",
                   "proxy.userAgent"),
    "referer": ("http_referer", "referer", "referrer", "http_referrer", "http.request.referrer",
                "http.referer", "request_referer", "request.headers.Referer", "request.headers.referer",
                "req.headers.referer"),
    "request_id": ("request_id", "requestId", "req_id", "x_request_id", "http.request.id", "requestID",
                   "RequestId", "request-id", "x-request-id", "X-Request-Id", "http_x_request_id", "reqId",
                   "req.id", "request.id", "http.request_id", "correlation_id", "correlationId",
                   "httpRequest.requestID"),
    "trace": ("trace_id", "dd.trace_id", "dd_trace_id", "traceId", "trace.id", "traceID", "traceparent",
              "http_traceparent", "trace", "trace-id", "TraceId", "otelTraceID", "otel_trace_id",
              "opentelemetry_trace_id", "logging.googleapis.com/trace", "x_b3_traceid", "x-b3-traceid",
              "X-B3-TraceId", "http_x_b3_traceid", "b3", "http_b3", "xray_trace_id", "xrayTraceId",
              "x_amzn_trace_id", "x-amzn-trace-id", "http_x_amzn_trace_id", "uber-trace-id",
              "http_uber_trace_id", "x_cloud_trace_context", "http_x_cloud_trace_context",
              "x-cloud-trace-context", "sentry_trace",
              *(f"{place}.{name}" for name in TRACE_HEADERS for place in HEADERS)),
}  # fmt: skip
# Some writers call the scheme (`https`) the protocol; it is no version.
VERSION = Kind(lambda value: value.str.extract(r"^(?:HTTP/)?(\d(?:\.\d)?)$"))
COLUMN_KINDS: Mapping[str, Kind] = {
    "timestamp": kinds.ANY_TIME,
    "start_time": kinds.ANY_TIME,
    # Apache's `%q` includes the question mark.
    "query": kinds.QUERY,
    "status": kinds.ANY_STATUS,
    "upstream_status": kinds.ANY_STATUS,
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
    **{name: Variable("duration_ms", kinds.UNIT_DURATION) for name in UNIT_IN_VALUE},
    **{
        name: variable
        for name, variable in NGINX.items()
        if name.startswith("upstream_") or name == "request"
    },
    "upstream": NGINX["upstream_addr"],
    "latencies.proxy": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "http.request.line": Variable("request", kinds.REQUEST_LINE),
    # What logback calls so is the request line.
    "requested_url": Variable("request", kinds.REQUEST_LINE),
    "logger": Variable("logger"),
}


def group(*columns: str) -> tuple[str, ...]:
    """Return the names of the keys whose values become one of the columns."""
    return tuple(name for name, variable in VARIABLES.items() if variable.column in columns)


TIMES = group("timestamp", "start_time")
# Beside a time, a line needs one key of each group to be a request.
REQUIRED = (group("status"), group("method", "request", "target", "path"))
# These names are common: a job has a path and a status too, which is a word. Only such values tell of HTTP.
EVIDENCE: Mapping[str, str] = {
    name: pattern
    for column, pattern in (
        ("status", r"^-?[0-9]{1,3}\b|^-$"),
        ("method", r"^(?:[A-Z][A-Z_-]*|get|head|post|put|patch|delete|options)$"),
        ("request", r"^[A-Z]+ (?:/|\*|[a-z]+://)|HTTP/[0-9]"),
    )
    for name in group(column)
}
# Caddy repeats a failed request in its error log.
NOT_REQUESTS = {"logger": "http.log.error"}
