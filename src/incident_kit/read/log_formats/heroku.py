"""Log of Heroku's router: logfmt pairs with the time before them, written when a request is done.

The duration is the sum of `connect` and `service`. The applications behind the router log the same requests
again, so the router's log is read by itself.
Source: Heroku's documentation, "HTTP Routing" and "Heroku Error Codes".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.key_values import ZONED_BEFORE, KeyValues
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds

VARIABLES = {
    ZONED_BEFORE: Variable("timestamp", kinds.ANY_TIME),
    "method": Variable("method"),
    "path": Variable("target"),
    "host": Variable("host"),
    "request_id": Variable("request_id"),
    "fwd": Variable("client_ip", kinds.FIRST_OF_LIST),
    "dyno": Variable("upstream_addr"),
    "connect": Variable("connect_ms", kinds.UNIT_DURATION),
    "service": Variable("service_ms", kinds.UNIT_DURATION),
    "status": Variable("status", kinds.ANY_STATUS),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
}
CONNECT, SERVICE = pl.col("$connect_ms"), pl.col("$service_ms")
TAKEN = pl.coalesce(CONNECT + SERVICE, SERVICE, CONNECT)

FORMATS = (
    LogFormat(
        "heroku_router",
        "Heroku's router",
        KeyValues((("method",), ("dyno",), ("service",), ("fwd",), (ZONED_BEFORE,))),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '2026-10-10T13:55:36.123456+00:00 heroku[router]: at=info method=GET path="/x?y=1" '
                'host=shop.example.com request_id=d7c85cc2 fwd="203.0.113.7" dyno=web.1 connect=1ms '
                "service=23ms status=200 bytes=612 protocol=https",
                {"duration_ms": 24.0, "upstream_addr": "web.1", "query": "y=1", "client_ip": "203.0.113.7"},
            ),
            Sample(
                '<158>1 2026-10-10T13:55:36.123456+00:00 host heroku router - at=error code=H10 desc="App '
                'crashed" method=GET path="/x" host=shop.example.com request_id=d7c85cc2 '
                'fwd="203.0.113.7, 198.51.100.9" dyno= connect= service= status=503 bytes= protocol=https',
                {"status": 503, "duration_ms": None, "upstream_addr": None, "client_ip": "203.0.113.7"},
            ),
        ),
        derived={"duration_ms": TAKEN},
        aliases=("heroku",),
        priority=1,
        exclusive=True,
    ),
)
