"""AWS API Gateway's access log as JSON lines, with the keys that its documentation recommends.

The user chooses the keys, so only the recommended ones are known. The time is the start of the request. REST
APIs log the route as `resourcePath` (`/carts/{id}`), HTTP APIs as `routeKey` (`GET /carts/{id}`).
Source: AWS documentation, "Set up logging for REST APIs" and "Customize HTTP API access logs".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind

# A route key begins with the method. The catch-all key `$default` is no route.
ROUTE = Kind(lambda value: converters.text(value.str.extract(r"^(?:[A-Z]+ )?(/.*)$")))
VARIABLES = {
    "requestTimeEpoch": Variable("timestamp", kinds.ANY_TIME),
    "requestTime": Variable("timestamp", kinds.ANY_TIME),
    "httpMethod": Variable("method"),
    "path": Variable("path"),
    "resourcePath": Variable("route", ROUTE),
    "routeKey": Variable("route", ROUTE),
    "protocol": Variable("http_version", kinds.PROTOCOL),
    "domainName": Variable("host"),
    "status": Variable("status", kinds.ANY_STATUS),
    "responseLength": Variable("bytes_sent", kinds.WHOLE),
    "responseLatency": Variable("duration_ms", kinds.MILLISECONDS),
    "integrationLatency": Variable("upstream_duration_ms", kinds.MILLISECONDS),
    "integrationStatus": Variable("upstream_status", kinds.ANY_STATUS),
    "ip": Variable("client_ip"),
    "sourceIp": Variable("client_ip"),
    "user": Variable("user"),
    "userAgent": Variable("user_agent"),
    "requestId": Variable("request_id"),
    "xrayTraceId": Variable("trace", kinds.TRACE),
    "apiId": Variable("apiId"),
    "extendedRequestId": Variable("extendedRequestId"),
}
# One of these keys distinguishes this log from others with a method, a status and a time.
NAMES_OF_THE_API = ("resourcePath", "routeKey", "apiId", "extendedRequestId", "requestTimeEpoch")

FORMATS = (
    LogFormat(
        "aws_api_gateway",
        "AWS API Gateway's access log as JSON",
        JsonLines(
            VARIABLES,
            (("httpMethod",), ("status",), ("requestTime", "requestTimeEpoch"), NAMES_OF_THE_API),
        ),
        VARIABLES,
        "start",
        samples=(
            Sample(
                '{"requestId":"d7c85cc2","ip":"203.0.113.7","caller":"-","user":"-",'
                '"requestTime":"10/Oct/2026:13:55:36 +0000","httpMethod":"GET","resourcePath":"/carts/{id}",'
                '"path":"/prod/carts/7","status":"502","protocol":"HTTP/1.1","responseLength":"612",'
                '"responseLatency":"250","integrationLatency":"204"}',
                {
                    "path": "/prod/carts/7",
                    "route": "/carts/{id}",
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "user": None,
                },
            ),
            Sample(
                '{"requestId":"d7c85cc2","ip":"203.0.113.7","requestTime":"10/Oct/2026:13:55:36 +0000",'
                '"httpMethod":"GET","routeKey":"GET /carts/{id}","status":"200","protocol":"HTTP/1.1",'
                '"responseLength":"612"}',
                {"path": None, "route": "/carts/{id}", "duration_ms": None, "bytes_sent": 612},
            ),
            Sample(
                '{"apiId":"pv9kv75899","domainName":"shop.example.com","httpMethod":"GET","ip":"203.0.113.7",'
                '"requestTimeEpoch":"1791640536205","path":"/prod/carts/7","status":"502"}',
                {"path": "/prod/carts/7", "host": "shop.example.com", "status": 502},
            ),
        ),
        aliases=("api_gateway",),
        priority=1,
    ),
)
