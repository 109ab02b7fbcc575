"""Azure's Application Gateway and Front Door: JSON lines, stamped at the end, durations in seconds.

Version 1 of the gateway counts milliseconds. Exports may hold many records in one document.
Sources: Azure documentation, access logs of "Application Gateway" and of "Front Door".
"""

from __future__ import annotations

from incident_kit.read.parsing import kinds
from incident_kit.read.parsing.json_lines import JsonLines
from incident_kit.read.parsing.kinds import Kind
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable

# Front Door writes 2.0.0.0 for HTTP/2.0.
VERSION = Kind(lambda value: value.str.extract(r"^(?:HTTP/)?(\d+(?:\.\d+)?)"))
AZURE_GATEWAY = {
    "timeStamp": Variable("timestamp", kinds.ANY_TIME),
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
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
    "properties.httpVersion": Variable("http_version", VERSION),
    "properties.timeTaken": Variable("duration_ms", kinds.SECONDS),
    "properties.timeToFirstByte": Variable("time_to_first_byte_ms", kinds.SECONDS),
    "properties.responseBytes": Variable("bytes_sent", kinds.WHOLE),
    "properties.clientIp": Variable("client_ip"),
    "properties.clientPort": Variable("client_port", kinds.WHOLE),
    "properties.userAgent": Variable("user_agent"),
    "properties.referer": Variable("referer"),
    "properties.hostName": Variable("host"),
    "properties.originIp": Variable("upstream_addr"),
    # Front Door (classic) tells only the name.
    "properties.backendHostname": Variable("upstream_addr"),
    "properties.originName": Variable("upstream_addr"),
    "properties.trackingReference": Variable("request_id"),
    "trackingReference": Variable("request_id"),
}

FORMATS = (
    LogFormat(
        "azure_application_gateway",
        "Azure Application Gateway v2, seconds",
        JsonLines(
            AZURE_GATEWAY,
            (
                ("properties.httpMethod",),
                ("properties.httpStatus",),
                ("properties.serverRouted", "properties.transactionId"),
            ),
        ),
        AZURE_GATEWAY,
        "end",
        samples=(
            Sample(
                '{"timeStamp":"2026-10-10T13:55:36Z","properties":{"clientIP":"203.0.113.7","httpMethod":"GET",'
                '"requestUri":"/x","requestQuery":"y=1","httpStatus":502,"timeTaken":0.25,'
                '"serverRouted":"10.0.0.1:80",'
                '"serverStatus":"502","serverResponseLatency":"0.204"}}',
                {
                    "target": "/x?y=1",
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "upstream_status": 502,
                },
            ),
        ),
    ),
    LogFormat(
        "azure_application_gateway_v1",
        "Azure Application Gateway v1, milliseconds",
        JsonLines(
            AZURE_GATEWAY_1,
            (("properties.httpMethod",), ("properties.httpStatus",), ("properties.instanceId",)),
        ),
        AZURE_GATEWAY_1,
        "end",
        samples=(
            Sample(
                '{"time":"2026-10-10T13:55:36Z","properties":{"instanceId":"ApplicationGatewayRole_IN_0","clientIP":'
                '"203.0.113.7","httpMethod":"GET","requestUri":"/x","httpStatus":200,"timeTaken":250}}',
                {"path": "/x", "duration_ms": 250.0},
            ),
        ),
        also=("azure_application_gateway",),
    ),
    LogFormat(
        "azure_front_door",
        "Azure Front Door",
        JsonLines(AZURE_FRONT_DOOR, (("properties.httpMethod",), ("properties.httpStatusCode",))),
        AZURE_FRONT_DOOR,
        "end",
        samples=(
            Sample(
                '{"time":"2026-10-10T13:55:36Z","properties":{"trackingReference":"0zPbX","httpMethod":"GET",'
                '"httpVersion":"2.0.0.0","requestUri":"https://shop.example.com:443/x","httpStatusCode":"200",'
                '"timeTaken":"0.25","clientIp":"203.0.113.7"}}',
                {"duration_ms": 250.0, "path": "/x", "request_id": "0zPbX", "host": "shop.example.com"},
            ),
        ),
    ),
)
