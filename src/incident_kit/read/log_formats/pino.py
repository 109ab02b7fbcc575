"""pino-http's access log (Node.js), also as NestJS writes it (`nestjs-pino`).

`responseTime` has no unit in its name; pino-http counts milliseconds. The time is when the request was done.
Source: pino-http, `logger.js`: `responseTime = Date.now() - this[startTime]`.
"""

from __future__ import annotations

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.json_names import TIMES, VARIABLES
from incident_kit.read.values import kinds

TAKEN = {"responseTime": Variable("duration_ms", kinds.MILLISECONDS)}

FORMATS = (
    LogFormat(
        "pino_http",
        "pino-http's, of Node.js",
        JsonLines(
            {**VARIABLES, **TAKEN}, (TIMES, ("req.method",), ("req.url",), ("res.statusCode",), (*TAKEN,))
        ),
        {**VARIABLES, **TAKEN},
        "end",
        samples=(
            Sample(
                '{"level":50,"time":1791640536250,"pid":17,"hostname":"web-7","req":{"id":3,"method":"GET",'
                '"url":"/x?y=1","headers":{"host":"shop.example.com","user-agent":"curl/8.5"},'
                '"remoteAddress":"203.0.113.7","remotePort":40124},"res":{"statusCode":502,"headers":'
                '{"content-length":612}},"responseTime":250,"msg":"request errored"}',
                {
                    "path": "/x",
                    "duration_ms": 250.0,
                    "request_id": "3",
                    "host": "shop.example.com",
                    "client_ip": "203.0.113.7",
                    "bytes_sent": 612,
                },
            ),
        ),
        aliases=("pino", "nestjs_pino"),
        priority=1,
    ),
)
