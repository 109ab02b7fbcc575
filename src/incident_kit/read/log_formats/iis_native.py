"""IIS's native log format: fifteen comma-separated fields in local time, durations in milliseconds.

IIS can also write W3C's and NCSA's formats, which other modules read. The request's time is its end.
Source: Microsoft, "IIS Log File Format", for versions since 4.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from incident_kit.read.layouts.delimited import Delimited
from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.values import converters, instants, kinds
from incident_kit.read.values.kinds import Kind

FIELDS = (
    "client", "user", "date", "time", "service", "server_name", "server_ip", "time_taken", "bytes_received",
    "bytes_sent", "status", "windows_status", "method", "target", "parameters",
)  # fmt: skip
# The month is first, and the year has two digits or four.
CLOCK = pl.concat_str("date", pl.lit(" "), "clock")
TIMESTAMP = pl.coalesce(instants.local_instant(f"%m/%d/{year} %H:%M:%S")(CLOCK) for year in ("%y", "%Y"))
# A comma also follows the last field.
LAST = Kind(lambda value: converters.text(value.str.strip_suffix(",")))
VARIABLES = {
    "client": Variable("client_ip"),
    "user": Variable("user"),
    "date": Variable("date"),
    "time": Variable("clock"),
    "time_taken": Variable("duration_ms", kinds.MILLISECONDS),
    "bytes_sent": Variable("bytes_sent", kinds.WHOLE),
    "status": Variable("status", kinds.ANY_STATUS),
    "method": Variable("method"),
    "target": Variable("path"),
    "parameters": Variable("query", LAST),
}
# Services with names other than W3SVC are not web sites (FTP, mail).
LINE_PATTERN = r"^[^ ,]+, [^,]*, \d\d?/\d\d?/\d{2,4}, \d\d?:\d\d:\d\d, W3SVC\d*, "

FORMATS = (
    LogFormat(
        "iis_native",
        "IIS's own format, between commas",
        Delimited(", ", ("status",), FIELDS, len(FIELDS), line_pattern=LINE_PATTERN),
        VARIABLES,
        "end",
        samples=(
            Sample(
                "203.0.113.7, -, 10/3/2026, 7:55:20, W3SVC1, SALES1, 172.21.13.45, 4502, 163, 3223, 200, 0, "
                "GET, /x, -,",
                {
                    "timestamp": datetime(2026, 10, 3, 7, 55, 20, tzinfo=UTC),
                    "duration_ms": 4502.0,
                    "target": "/x",
                    "bytes_sent": 3223,
                    "query": None,
                },
            ),
            Sample(
                "::1, ann, 10/03/26, 17:55:20, W3SVC2, SALES1, ::1, 45, 163, 322, 500, 0, POST, /x, y=1&z=2,",
                {
                    "timestamp": datetime(2026, 10, 3, 17, 55, 20, tzinfo=UTC),
                    "query": "y=1&z=2",
                    "user": "ann",
                },
            ),
        ),
        derived={"timestamp": TIMESTAMP},
        aliases=("iis",),
    ),
)
