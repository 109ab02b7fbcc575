"""JSON lines of Envoy, Istio, Envoy Gateway and Contour; `envoy` says what their values mean."""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.envoy import address
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

JSON = {
    "start_time": Variable("timestamp", kinds.ANY_TIME),
    "@timestamp": Variable("timestamp", kinds.ANY_TIME),
    "method": Variable("method"),
    "x-envoy-origin-path": Variable("target"),
    "x-envoy-original-path": Variable("target"),
    "path": Variable("target"),
    "protocol": Variable("http_version", kinds.PROTOCOL),
    "response_code": Variable("status", kinds.ANY_STATUS),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "duration": Variable("duration_ms", kinds.MILLISECONDS),
    "upstream_service_time": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "x-envoy-upstream-service-time": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "x_forwarded_for": Variable("client_ip", kinds.FIRST_OF_LIST),
    "x-forwarded-for": Variable("client_ip", kinds.FIRST_OF_LIST),
    "downstream_remote_address": Variable("client", Kind(lambda value: converters.text(address(value)))),
    "user_agent": Variable("user_agent"),
    "user-agent": Variable("user_agent"),
    "request_id": Variable("request_id"),
    "x-request-id": Variable("request_id"),
    "authority": Variable("host"),
    ":authority": Variable("host"),
    "upstream_host": Variable("upstream_addr", kinds.WITHOUT_SCHEME),
    "traceparent": Variable("trace", kinds.TRACE),
    "trace_id": Variable("trace", kinds.TRACE),
    "x-b3-traceid": Variable("trace", kinds.TRACE),
    "x_b3_traceid": Variable("trace", kinds.TRACE),
    "b3": Variable("trace", kinds.TRACE),
    "response_flags": Variable("response_flags"),
    "grpc_status": Variable("grpc_status"),
}

FORMATS = (
    LogFormat(
        "envoy_json",
        "Envoy's, Istio's and Envoy Gateway's JSON lines",
        JsonLines(JSON, (("response_code",), ("start_time",), ("method", "response_flags"))),
        JSON,
        "start",
        samples=(
            Sample(
                '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,'
                '"response_flags":"-","duration":250,"downstream_remote_address":"203.0.113.7:40124",'
                '"upstream_host":"10.1.0.7:8080","x-request-id":"cc21d9b0"}',
                {"client_ip": "203.0.113.7", "client_port": 40124, "request_id": "cc21d9b0", "extra": None},
            ),
        ),
        aliases=("envoy", "istio_json"),
    ),
    LogFormat(
        "envoy_json_contour",
        "Contour's JSON lines, whose time has another name",
        JsonLines(JSON, (("response_code",), ("@timestamp",), ("response_flags",))),
        JSON,
        "start",
        samples=(
            Sample(
                '{"@timestamp":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,'
                '"response_flags":"-","duration":250,"upstream_service_time":"204","x_forwarded_for":"203.0.113.7"}',
                {"client_ip": "203.0.113.7", "duration_ms": 250.0, "upstream_duration_ms": 204.0},
            ),
        ),
        aliases=("envoy", "envoy_json", "contour"),
    ),
)
