"""Load balancers and edges of clouds that log JSON lines: GCP, Azure, Cloudflare, Fastly.

Sources: Google Cloud "HTTP(S) Load Balancing logging"; Azure "Application Gateway" and "Front Door"
access logs; Cloudflare "HTTP requests" data set of Logpush; Fastly "Useful log formats".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.json_lines import JsonLines
from incident_kit.read.parsing.log_format import LogFormat, Sample, Stamp, Variable

GCP = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "httpRequest.requestMethod": Variable("method"),
    "httpRequest.requestUrl": Variable("target"),
    "httpRequest.status": Variable("status", kinds.WHOLE),
    "httpRequest.latency": Variable("duration_ms", kinds.UNIT_DURATION),
    "httpRequest.responseSize": Variable("bytes_sent", kinds.WHOLE),
    "httpRequest.remoteIp": Variable("client_ip"),
    "httpRequest.userAgent": Variable("user_agent"),
    "httpRequest.referer": Variable("referer"),
    "httpRequest.protocol": Variable("http_version", kinds.PROTOCOL),
    "httpRequest.serverIp": Variable("upstream_addr"),
    "trace": Variable("trace", kinds.TRACE),
    "insertId": Variable("request_id"),
    "jsonPayload.statusDetails": Variable("status_details"),
}
AZURE_GATEWAY = {
    "timeStamp": Variable("timestamp", kinds.ANY_TIME),
    "time": Variable("timestamp", kinds.ANY_TIME),
    "properties.httpMethod": Variable("method"),
    "properties.requestUri": Variable("path"),
    "properties.requestQuery": Variable("query"),
    "properties.httpStatus": Variable("status", kinds.WHOLE),
    "properties.httpVersion": Variable("http_version", kinds.PROTOCOL),
    "properties.timeTaken": Variable("duration_ms", kinds.SECONDS),
    "properties.sentBytes": Variable("bytes_sent", kinds.WHOLE),
    "properties.clientIP": Variable("client_ip"),
    "properties.clientPort": Variable("client_port", kinds.WHOLE),
    "properties.userAgent": Variable("user_agent"),
    "properties.originalHost": Variable("host"),
    "properties.host": Variable("host"),
    "properties.serverRouted": Variable("upstream_addr"),
    "properties.serverStatus": Variable("upstream_status", kinds.ABOVE_ZERO),
    "properties.serverResponseLatency": Variable("upstream_duration_ms", kinds.SECONDS),
    "properties.transactionId": Variable("request_id"),
}
# Version 1 of the gateway counts milliseconds; its instances are called ApplicationGatewayRole_IN_0.
AZURE_GATEWAY_1 = {
    **AZURE_GATEWAY,
    "properties.timeTaken": Variable("duration_ms", kinds.MILLISECONDS),
    "properties.instanceId": Variable("instance"),
}
AZURE_FRONT_DOOR = {
    "time": Variable("timestamp", kinds.ANY_TIME),
    "properties.httpMethod": Variable("method"),
    "properties.requestUri": Variable("target"),
    "properties.httpStatusCode": Variable("status", kinds.WHOLE),
    "properties.httpVersion": Variable("http_version", kinds.PROTOCOL),
    "properties.timeTaken": Variable("duration_ms", kinds.SECONDS),
    "properties.timeToFirstByte": Variable("time_to_first_byte_ms", kinds.SECONDS),
    "properties.responseBytes": Variable("bytes_sent", kinds.WHOLE),
    "properties.clientIp": Variable("client_ip"),
    "properties.clientPort": Variable("client_port", kinds.WHOLE),
    "properties.userAgent": Variable("user_agent"),
    "properties.referer": Variable("referer"),
    "properties.hostName": Variable("host"),
    "properties.originIp": Variable("upstream_addr"),
    "properties.trackingReference": Variable("request_id"),
    "trackingReference": Variable("request_id"),
}
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
    "EdgeResponseStatus": Variable("status", kinds.WHOLE),
    "EdgeResponseBytes": Variable("bytes_sent", kinds.WHOLE),
    "OriginIP": Variable("upstream_addr"),
    "OriginResponseStatus": Variable("upstream_status", kinds.ABOVE_ZERO),
    "OriginResponseDurationMs": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "OriginResponseTime": Variable("upstream_duration_ms", kinds.NANOSECONDS),
    "EdgeTimeToFirstByteMs": Variable("time_to_first_byte_ms", kinds.MILLISECONDS),
    "RayID": Variable("request_id"),
}
FASTLY = {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "request_method": Variable("method"),
    "url": Variable("target"),
    "request_protocol": Variable("http_version", kinds.PROTOCOL),
    "host": Variable("host"),
    "response_status": Variable("status", kinds.WHOLE),
    "response_body_size": Variable("bytes_sent", kinds.WHOLE),
    "client_ip": Variable("client_ip"),
    "request_user_agent": Variable("user_agent"),
    "request_referer": Variable("referer"),
    "time_elapsed": Variable("duration_ms", kinds.MICROSECONDS),
    "response_state": Variable("response_state"),
}


def _elapsed() -> pl.Expr:
    """Return the time between start and end, unless both are whole seconds: that would be a guess."""
    start, finish = pl.col("timestamp"), pl.col("finish")
    exact = (start.dt.microsecond() != 0) | (finish.dt.microsecond() != 0)
    return pl.when(exact).then(((finish - start).dt.total_microseconds() / 1000).round(3))


def _row(
    name: str,
    description: str,
    variables: dict[str, Variable],
    requires: tuple[tuple[str, ...], ...],
    sample: Sample,
    *,
    stamp: Stamp = "start",
) -> LogFormat:
    derived = {"duration_ms": _elapsed()} if "EdgeEndTimestamp" in variables else {}
    layout = JsonLines(variables, requires)
    return LogFormat(name, description, layout, variables, stamp, (sample,), derived)


FORMATS = (
    _row(
        "gcp_http_load_balancer",
        "Google Cloud HTTP(S) load balancing",
        GCP,
        (("httpRequest.requestMethod",), ("httpRequest.requestUrl",)),
        Sample(
            '{"httpRequest":{"requestMethod":"GET",'
            '"requestUrl":"https://shop.example.com/x?y=1","status":502,'
            '"latency":"0.250s","remoteIp":"203.0.113.7","serverIp":"10.0.0.1"},'
            '"timestamp":"2026-10-10T13:55:36.1Z",'
            '"jsonPayload":{"statusDetails":"backend_timeout"},'
            '"trace":"projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736"}',
            {
                "duration_ms": 250.0,
                "path": "/x",
                "host": "shop.example.com",
                "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                "extra": '{"status_details":"backend_timeout"}',
            },
        ),
    ),
    _row(
        "azure_application_gateway",
        "Azure Application Gateway v2, seconds",
        AZURE_GATEWAY,
        (
            ("properties.httpMethod",),
            ("properties.httpStatus",),
            ("properties.serverRouted", "properties.transactionId"),
        ),
        Sample(
            '{"timeStamp":"2026-10-10T13:55:36Z","properties":{"clientIP":"203.0.113.7","httpMethod":"GET",'
            '"requestUri":"/x","requestQuery":"y=1","httpStatus":502,"timeTaken":0.25,'
            '"serverRouted":"10.0.0.1:80",'
            '"serverStatus":"502","serverResponseLatency":"0.204"}}',
            {"target": "/x?y=1", "duration_ms": 250.0, "upstream_duration_ms": 204.0, "upstream_status": 502},
        ),
        stamp="end",
    ),
    _row(
        "azure_application_gateway_v1",
        "Azure Application Gateway v1, milliseconds",
        AZURE_GATEWAY_1,
        (("properties.httpMethod",), ("properties.httpStatus",), ("properties.instanceId",)),
        Sample(
            '{"time":"2026-10-10T13:55:36Z","properties":{"instanceId":"ApplicationGatewayRole_IN_0","clientIP":'
            '"203.0.113.7","httpMethod":"GET","requestUri":"/x","httpStatus":200,"timeTaken":250}}',
            {"path": "/x", "duration_ms": 250.0},
        ),
        stamp="end",
    ),
    _row(
        "azure_front_door",
        "Azure Front Door",
        AZURE_FRONT_DOOR,
        (("properties.httpMethod",), ("properties.httpStatusCode",)),
        Sample(
            '{"time":"2026-10-10T13:55:36Z","properties":{"trackingReference":"0zPbX","httpMethod":"GET",'
            '"httpVersion":"2.0.0.0","requestUri":"https://shop.example.com:443/x","httpStatusCode":"200",'
            '"timeTaken":"0.25","clientIp":"203.0.113.7"}}',
            {"duration_ms": 250.0, "path": "/x", "request_id": "0zPbX", "host": "shop.example.com"},
        ),
        stamp="end",
    ),
    _row(
        "cloudflare",
        "Cloudflare Logpush, HTTP requests",
        CLOUDFLARE,
        (("ClientRequestMethod",), ("EdgeStartTimestamp",)),
        Sample(
            '{"ClientIP":"203.0.113.7","ClientRequestHost":"shop.example.com","ClientRequestMethod":"GET",'
            '"ClientRequestURI":"/x?y=1","EdgeStartTimestamp":1791640536000000000,"EdgeEndTimestamp":'
            '1791640536250000000,"EdgeResponseStatus":502,"OriginResponseStatus":0,'
            '"OriginResponseDurationMs":204,'
            '"RayID":"3a6050bcbe121a87"}',
            {"duration_ms": 250.0, "upstream_duration_ms": 204.0, "upstream_status": None, "query": "y=1"},
        ),
    ),
    _row(
        "fastly_json",
        "Fastly's recommended JSON",
        FASTLY,
        (("request_method",), ("response_status",), ("url",)),
        Sample(
            '{"timestamp":"2026-10-10T13:55:36+0000","client_ip":"203.0.113.7",'
            '"host":"shop.example.com","url":"/x",'
            '"request_method":"GET","request_protocol":"HTTP/1.1","response_state":"MISS",'
            '"response_status":200,'
            '"response_body_size":612,"time_elapsed":250000}',
            {"duration_ms": 250.0, "bytes_sent": 612, "http_version": "1.1"},
        ),
    ),
)
