"""nginx's variables: what each means, one row a variable."""

from __future__ import annotations

from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.log_format import Variable

# Where two variables give the same column, the earlier row wins and the other is kept in `extra`.
VARIABLES = {
    "msec": Variable("timestamp", kinds.EPOCH_SECONDS),
    "time_iso8601": Variable("timestamp", kinds.ISO_TIME),
    "time_local": Variable("timestamp", kinds.CLF_TIME),
    "request": Variable("request", kinds.REQUEST_LINE),
    "request_method": Variable("method"),
    "request_uri": Variable("target", opening="/"),
    "uri": Variable("path", opening="/"),
    "document_uri": Variable("path", opening="/"),
    "is_args": Variable("is_args", kinds.QUESTION_MARK, opening="?"),
    "args": Variable("query"),
    "query_string": Variable("query"),
    "server_protocol": Variable("http_version", kinds.PROTOCOL),
    "http_host": Variable("host"),
    "host": Variable("host"),
    "server_name": Variable("host"),
    "status": Variable("status", kinds.STATUS),
    "request_time": Variable("duration_ms", kinds.SECONDS),
    "body_bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "remote_addr": Variable("client_ip", kinds.ADDRESS),
    "remote_port": Variable("client_port", kinds.WHOLE),
    "remote_user": Variable("user", kinds.USER),
    "http_user_agent": Variable("user_agent"),
    "http_referer": Variable("referer"),
    "upstream_addr": Variable("upstream_addrs", kinds.UPSTREAM_LIST),
    "upstream_status": Variable("upstream_statuses", kinds.UPSTREAM_LIST),
    "upstream_response_time": Variable("upstream_times", kinds.UPSTREAM_LIST),
    "request_id": Variable("request_id"),
    "req_id": Variable("request_id"),
    "http_x_request_id": Variable("request_id"),
    "http_traceparent": Variable("trace", kinds.TRACE),
    "opentelemetry_trace_id": Variable("trace", kinds.TRACE),
    "otel_trace_id": Variable("trace", kinds.TRACE),
    "trace_id": Variable("trace", kinds.TRACE),
    "http_b3": Variable("trace", kinds.TRACE),
    "http_x_b3_traceid": Variable("trace", kinds.TRACE),
    "http_x_amzn_trace_id": Variable("trace", kinds.TRACE),
    "http_uber_trace_id": Variable("trace", kinds.TRACE),
    "upstream_connect_time": Variable("upstream_connect_ms", kinds.UPSTREAM_SUM),
    "upstream_header_time": Variable("upstream_header_ms", kinds.UPSTREAM_SUM),
    "upstream_response_length": Variable("upstream_response_length", kinds.UPSTREAM_LIST),
    "upstream_bytes_received": Variable("upstream_bytes_received", kinds.UPSTREAM_LIST),
    "upstream_bytes_sent": Variable("upstream_bytes_sent", kinds.UPSTREAM_LIST),
    "request_length": Variable("request_length", kinds.WHOLE),
    "connection": Variable("connection", kinds.WHOLE),
    "connection_requests": Variable("connection_requests", kinds.WHOLE),
    "sent_http_grpc_status": Variable("grpc_status", kinds.WHOLE),
    "sent_trailer_grpc_status": Variable("grpc_status", kinds.WHOLE),
    "grpc_status": Variable("grpc_status", kinds.WHOLE),
}

# The short names these variables have in `name=value` tails, as nginx's own examples and its agents write
# them.
TAIL_NAMES = {
    "rt": "request_time",
    "reqtime": "request_time",
    "urt": "upstream_response_time",
    "ut": "upstream_response_time",
    "uct": "upstream_connect_time",
    "uht": "upstream_header_time",
    "ua": "upstream_addr",
    "us": "upstream_status",
    "ul": "upstream_response_length",
    "cs": "upstream_cache_status",
    "sn": "server_name",
    "rid": "request_id",
    "tid": "trace_id",
    "traceparent": "http_traceparent",
    "xff": "http_x_forwarded_for",
}
