"""Access logs of Azure as rows of Log Analytics and Application Insights.

Tables of one resource spell the names of the logs with a capital, `HttpMethod`; the table AzureDiagnostics
ends them with their type, `httpMethod_s`. The time is the end of the request, that of Application Insights
its start.
Source: Azure Monitor's reference, tables AGWAccessLogs, AppServiceHTTPLogs, AppRequests and AzureDiagnostics;
Application Insights, data model of request telemetry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.azure_names import AZURE_APP_SERVICE, AZURE_FRONT_DOOR, AZURE_GATEWAY
from incident_kit.read.values import kinds
from incident_kit.read.values.kinds import Kind

PROPERTY = "properties."
TIME = {"TimeGenerated": Variable("timestamp", kinds.ANY_TIME)}
TYPES = ("s", "d", "g")
# AzureDiagnostics holds numbers as floats.
WHOLE = Kind(lambda value: value.cast(pl.Float64, strict=False).cast(pl.Int64, strict=False))


def _columns(properties: Mapping[str, Variable]) -> dict[str, Variable]:
    """Return the columns for the properties of a log, in both spellings."""
    columns = dict(TIME)
    for name, variable in properties.items():
        if name.startswith(PROPERTY):
            plain = name.removeprefix(PROPERTY)
            number = replace(variable, kind=WHOLE) if variable.kind is kinds.WHOLE else variable
            columns |= {plain[0].upper() + plain[1:].replace("IP", "Ip"): variable}
            columns |= {f"{plain}_{kind}": number for kind in TYPES}
    return columns


def _keys(*names: str) -> tuple[str, ...]:
    return tuple(
        spelt
        for name in names
        for spelt in (name[0].upper() + name[1:], *(f"{name}_{kind}" for kind in TYPES))
    )


GATEWAY, FRONT_DOOR, APP_SERVICE = map(_columns, (AZURE_GATEWAY, AZURE_FRONT_DOOR, AZURE_APP_SERVICE))
APP_SERVICE |= {"CIp": AZURE_APP_SERVICE["properties.CIp"]}
# A name is the method and the route: `GET Orders/Get [id]`.
METHOD = Kind(lambda value: value.str.extract("^([A-Z-]+) "))
INSIGHTS = TIME | {
    "timestamp": Variable("timestamp", kinds.ANY_TIME),
    **dict.fromkeys(("Name", "name"), Variable("method", METHOD)),
    **dict.fromkeys(("Url", "url"), Variable("target")),
    **dict.fromkeys(("ResultCode", "resultCode"), Variable("status", kinds.ANY_STATUS)),
    **dict.fromkeys(("DurationMs", "duration"), Variable("duration_ms", kinds.MILLISECONDS)),
    **dict.fromkeys(("OperationId", "operation_Id"), Variable("trace", kinds.TRACE)),
    **dict.fromkeys(("ClientIP", "client_IP"), Variable("client_ip")),
    **dict.fromkeys(("AppRoleName", "cloud_RoleName"), Variable("role")),
    **dict.fromkeys(("AppRoleInstance", "cloud_RoleInstance"), Variable("instance")),
    **dict.fromkeys(("Id", "id"), Variable("request_id")),
}

FORMATS = (
    LogFormat(
        "azure_tables_gateway",
        "Azure Application Gateway as rows of Log Analytics",
        JsonLines(
            GATEWAY,
            (_keys("httpMethod"), _keys("httpStatus"), _keys("serverRouted", "transactionId", "instanceId")),
            # Version 1 of the gateway logs milliseconds.
            excludes=dict.fromkeys(_keys("instanceId"), "ApplicationGatewayRole"),
        ),
        GATEWAY,
        "end",
        samples=(
            Sample(
                '{"TimeGenerated":"2026-10-10T13:55:36Z","ClientIp":"203.0.113.7","HttpMethod":"GET",'
                '"RequestUri":"/x","RequestQuery":"y=1","HttpStatus":502,"TimeTaken":0.25,'
                '"ServerRouted":"10.0.0.1:80","ServerStatus":"502","ServerResponseLatency":"0.204",'
                '"TransactionId":"7bde940e"}',
                {
                    "target": "/x?y=1",
                    "duration_ms": 250.0,
                    "upstream_duration_ms": 204.0,
                    "client_ip": "203.0.113.7",
                },
            ),
            Sample(
                '{"TimeGenerated":"2026-10-10T13:55:36Z","clientIP_s":"203.0.113.7","httpMethod_s":"GET",'
                '"requestUri_s":"/x","httpStatus_d":502.0,"timeTaken_d":0.25,"serverRouted_s":"10.0.0.1:80",'
                '"instanceId_s":"appgw_1"}',
                {"path": "/x", "status": 502, "duration_ms": 250.0, "upstream_addr": "10.0.0.1:80"},
            ),
        ),
        aliases=("azure_application_gateway",),
    ),
    LogFormat(
        "azure_tables_front_door",
        "Azure Front Door as rows of Log Analytics",
        JsonLines(FRONT_DOOR, (_keys("httpMethod"), _keys("httpStatusCode"), _keys("trackingReference"))),
        FRONT_DOOR,
        "end",
        samples=(
            Sample(
                '{"TimeGenerated":"2026-10-10T13:55:36Z","trackingReference_s":"0zPbX","httpMethod_s":"GET",'
                '"requestUri_s":"https://shop.example.com:443/x","httpStatusCode_d":200.0,"timeTaken_d":0.25,'
                '"clientIp_s":"203.0.113.7"}',
                {"duration_ms": 250.0, "path": "/x", "request_id": "0zPbX", "host": "shop.example.com"},
            ),
        ),
        aliases=("azure_front_door",),
        absolute_targets=True,
    ),
    LogFormat(
        "azure_tables_app_service",
        "Azure App Service as rows of Log Analytics",
        JsonLines(APP_SERVICE, (("CsMethod",), ("ScStatus",), ("TimeGenerated",))),
        APP_SERVICE,
        "end",
        samples=(
            Sample(
                '{"TimeGenerated":"2026-10-10T13:55:36.25Z","CsMethod":"GET","CsUriStem":"/x",'
                '"CsUriQuery":"y=1","CIp":"203.0.113.7","ScStatus":500,"ScBytes":612,"TimeTaken":250}',
                {"duration_ms": 250.0, "target": "/x?y=1", "status": 500, "client_ip": "203.0.113.7"},
            ),
        ),
        aliases=("azure_app_service",),
    ),
    LogFormat(
        "azure_tables_insights",
        "requests of Azure Application Insights",
        JsonLines(
            INSIGHTS,
            (("ResultCode", "resultCode"), ("OperationId", "operation_Id"), ("Url", "url")),
        ),
        INSIGHTS,
        "start",
        samples=(
            Sample(
                '{"TimeGenerated":"2026-10-10T13:55:36.25Z","Id":"7bde940e","Name":"GET /users/{id}",'
                '"Url":"https://shop.example.com/users/7","ResultCode":"500","DurationMs":250.5,'
                '"OperationId":"4bf92f3577b34da6a3ce929d0e0e4736","AppRoleName":"shop"}',
                {
                    "method": "GET",
                    "path": "/users/7",
                    "status": 500,
                    "duration_ms": 250.5,
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                    "host": "shop.example.com",
                },
            ),
        ),
        absolute_targets=True,
        aliases=("application_insights",),
    ),
)
