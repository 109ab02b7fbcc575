"""The meaning of each key in Azure's JSON lines.

Sources: Azure documentation, access logs of "Application Gateway" and of "Front Door", and the table
"AppServiceHTTPLogs".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.log_format import Variable
from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

# Front Door writes 2.0.0.0 for HTTP/2.0.
VERSION = Kind(lambda value: value.str.extract(r"^(?:HTTP/)?(\d+(?:\.\d+)?)"))
AZURE_GATEWAY = {
    "timeStamp": Variable("timestamp", kinds.ANY_TIME),
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    "time": Variable("timestamp", kinds.ANY_TIME),
    "properties.httpMethod": Variable("method"),
    "properties.requestUri": Variable("path"),
    "properties.requestQuery": Variable("query"),
    "properties.httpStatus": Variable("status", kinds.ANY_STATUS),
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
    "properties.instanceId": Variable("instance"),
}
# Version 1 of the gateway logs milliseconds, and its instances are called ApplicationGatewayRole_IN_0. It
# appends variables of its own to the request's query, the server among them; version 2 has keys for those.
AZURE_GATEWAY_1 = {name: variable for name, variable in AZURE_GATEWAY.items() if ".server" not in name} | {
    "properties.timeTaken": Variable("duration_ms", kinds.MILLISECONDS),
    "properties.requestQuery": Variable("request_query"),
}
OWN_VARIABLES = r"(?:^|&)X-AzureApplicationGateway-CACHE-HIT="


def _own(name: str) -> pl.Expr:
    """Return one of the variables that version 1 appends to the query."""
    return pl.col("$request_query").str.extract(f"{OWN_VARIABLES}.*&{name}=([^&]+)")


SERVER_IN_QUERY = {
    "query": pl.col("$request_query").str.replace(f"{OWN_VARIABLES}.*$", "").replace("", None),
    "upstream_addr": _own("SERVER-ROUTED"),
    "upstream_status": _own("SERVER-STATUS").cast(pl.Int64, strict=False),
}
# App Service uses the names of IIS's W3C log.
AZURE_APP_SERVICE = {
    "time": Variable("timestamp", kinds.ANY_TIME),
    "properties.CsMethod": Variable("method"),
    "properties.CsUriStem": Variable("path"),
    "properties.CsUriQuery": Variable("query"),
    "properties.ScStatus": Variable("status", kinds.ANY_STATUS),
    "properties.Protocol": Variable("http_version", kinds.PROTOCOL),
    "properties.TimeTaken": Variable("duration_ms", kinds.MILLISECONDS),
    "properties.ScBytes": Variable("bytes_sent", kinds.WHOLE),
    "properties.CIp": Variable("client_ip", kinds.WITHOUT_PORT),
    "properties.CsUsername": Variable("user"),
    "properties.UserAgent": Variable("user_agent"),
    "properties.Referer": Variable("referer"),
    "properties.CsHost": Variable("host"),
}
AZURE_FRONT_DOOR = {
    "time": Variable("timestamp", kinds.ANY_TIME),
    "properties.httpMethod": Variable("method"),
    "properties.requestUri": Variable("target"),
    "properties.httpStatusCode": Variable("status", kinds.ANY_STATUS),
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
    # Front Door (classic) logs only the name.
    "properties.backendHostname": Variable("upstream_addr"),
    "properties.originName": Variable("upstream_addr"),
    "properties.trackingReference": Variable("request_id"),
    "trackingReference": Variable("request_id"),
}
