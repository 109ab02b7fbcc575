"""Access logs of Azure's Application Gateway, Front Door and App Service as JSON lines.

The time is the end of the request. Durations are in seconds, but App Service and version 1 of the gateway log
milliseconds; the gateway's versions are told apart by the name of the instance. Exports may hold many records
in one document.
Sources: Azure documentation, access logs of "Application Gateway" and of "Front Door", and the table
"AppServiceHTTPLogs".
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample
from incident_kit.read.log_formats.azure_names import (
    AZURE_APP_SERVICE,
    AZURE_FRONT_DOOR,
    AZURE_GATEWAY,
    AZURE_GATEWAY_1,
    SERVER_IN_QUERY,
)

FORMATS = (
    LogFormat(
        "azure_application_gateway",
        "Azure Application Gateway v2, seconds",
        JsonLines(
            AZURE_GATEWAY,
            (
                ("properties.httpMethod",),
                ("properties.httpStatus",),
                ("properties.serverRouted", "properties.transactionId", "properties.instanceId"),
            ),
            excludes={"properties.instanceId": "ApplicationGatewayRole"},
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
            excludes={"properties.instanceId": "appgw_"},
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
        derived=SERVER_IN_QUERY,
        aliases=("azure_application_gateway",),
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
    LogFormat(
        "azure_app_service",
        "Azure App Service, milliseconds",
        JsonLines(AZURE_APP_SERVICE, (("properties.CsMethod",), ("properties.ScStatus",))),
        AZURE_APP_SERVICE,
        "end",
        samples=(
            Sample(
                '{"time":"2026-10-10T13:55:36.25Z","category":"AppServiceHTTPLogs","properties":{"CsMethod":'
                '"GET","CsUriStem":"/x","CsUriQuery":"y=1","CIp":"203.0.113.7","CsHost":"a.azurewebsites.net",'
                '"ScStatus":500,"ScBytes":612,"TimeTaken":250,"Referer":"-"}}',
                {"duration_ms": 250.0, "target": "/x?y=1", "status": 500, "host": "a.azurewebsites.net"},
            ),
        ),
    ),
)
