"""Serilog's request logging for ASP.NET Core: compact JSON, the older JSON, and Elasticsearch's JSON.

Durations are in milliseconds. The time is when the request was done.
Sources: Serilog's `Serilog.AspNetCore` and `Serilog.Formatting.Compact`, their pages.
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

# Where a line has its properties: beside the time, or in an object of their own.
WITHIN = ("", "Properties.", "fields.")
PROPERTIES = {
    "RequestMethod": Variable("method"),
    "RequestPath": Variable("target"),
    "StatusCode": Variable("status", kinds.ANY_STATUS),
    "Elapsed": Variable("duration_ms", kinds.MILLISECONDS),
    "RequestHost": Variable("host"),
    "ClientIp": Variable("client_ip"),
    "UserAgent": Variable("user_agent"),
    "UserName": Variable("user"),
    "RequestId": Variable("request_id"),
    "TraceId": Variable("trace", kinds.TRACE),
}
TIMES = ("@t", "Timestamp", "@timestamp")
VARIABLES = {
    **{name: Variable("timestamp", kinds.ANY_TIME) for name in TIMES},
    "@tr": Variable("trace", kinds.TRACE),
    **{before + name: variable for before in WITHIN for name, variable in PROPERTIES.items()},
}


def _anywhere(name: str) -> tuple[str, ...]:
    return tuple(before + name for before in WITHIN)


FORMATS = (
    LogFormat(
        "serilog",
        "Serilog's request logging for ASP.NET Core",
        JsonLines(VARIABLES, (TIMES, *map(_anywhere, ("RequestMethod", "StatusCode", "Elapsed")))),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"@t":"2026-10-10T13:55:36.2500000Z","@mt":"HTTP {RequestMethod} {RequestPath} responded '
                '{StatusCode} in {Elapsed:0.0000} ms","RequestMethod":"GET","RequestPath":"/x",'
                '"StatusCode":502,"Elapsed":250.5,"RequestId":"0HM:1",'
                '"@tr":"4bf92f3577b34da6a3ce929d0e0e4736"}',
                {
                    "path": "/x",
                    "duration_ms": 250.5,
                    "request_id": "0HM:1",
                    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                },
            ),
            Sample(
                '{"Timestamp":"2026-10-10T15:55:36.25+02:00","Level":"Information","Properties":'
                '{"RequestMethod":"GET","RequestPath":"/x","StatusCode":200,"Elapsed":250.5}}',
                {"path": "/x", "status": 200, "duration_ms": 250.5, "extra": '{"Level":"Information"}'},
            ),
        ),
        aliases=("aspnet", "asp_net"),
        priority=1,
    ),
)
