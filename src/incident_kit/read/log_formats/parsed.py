"""Tables of requests that `incident-kit parse` wrote, as Parquet, CSV or JSON lines, to be read again.

The columns are those of REQUESTS, so the requests are those that were written. Their file and line in the log
are kept in `extra`, because source and line number are now those of the table. A route that was inferred is
inferred anew.
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import kinds
from incident_kit.schema import REQUESTS

KINDS = {
    "timestamp": kinds.ANY_TIME,
    "start_time": kinds.ANY_TIME,
    "duration_ms": kinds.MILLISECONDS,
    "upstream_duration_ms": kinds.MILLISECONDS,
    **dict.fromkeys(
        ("status", "bytes_sent", "client_port", "upstream_status", "upstream_attempts"), kinds.WHOLE
    ),
}
# What these are called here, because the columns themselves are made anew.
OTHERWISE = {"source": "file", "line_number": "line"}
VARIABLES = {name: Variable(OTHERWISE.get(name, name), KINDS.get(name, kinds.TEXT)) for name in REQUESTS}

FORMATS = (
    LogFormat(
        "parsed",
        "requests that `incident-kit parse` wrote",
        JsonLines(VARIABLES, (("source",), ("line_number",), ("route_inferred",), ("target",))),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '{"timestamp":"2026-10-10T13:55:36.250000+0000","start_time":"2026-10-10T13:55:36.000000+0000",'
                '"method":"GET","target":"/users/7?y=1","path":"/users/7","query":"y=1","route":"/users/{id}",'
                '"route_inferred":true,"status":502,"duration_ms":250.0,"upstream_addr":"10.0.0.1:80",'
                '"source":"access.log","line_number":7,"extra":"{\\"pod\\":\\"web-7\\"}"}',
                {
                    "path": "/users/7",
                    "query": "y=1",
                    "route": "/users/{id}",
                    "duration_ms": 250.0,
                    "upstream_addr": "10.0.0.1:80",
                    "extra": '{"file":"access.log","line":"7","pod":"web-7"}',
                },
            ),
        ),
        derived={"route": pl.when(pl.col("$route_inferred") == "false").then(pl.col("route"))},
        priority=1,
    ),
)
