"""W3C extended logs: IIS and others whose `#Fields:` lines name the fields, even in mid-file.

Times are UTC. IIS writes `time-taken` in whole milliseconds and logs the end of a request. The draft and
Tomcat write it in seconds, with a decimal point, which distinguishes them from IIS.
Sources: Microsoft, "W3C Extended Log File Format (IIS)"; W3C, WD-logfile-960323; Tomcat documentation,
"Extended Access Log Valve"; Microsoft, "Advanced Logging for IIS".
"""

from __future__ import annotations

import polars as pl

from incident_kit.read.layouts.log_format import LogFormat, Sample, Variable
from incident_kit.read.log_formats.iis_fields import headless_formats
from incident_kit.read.log_formats.w3c_lines import W3cLines
from incident_kit.read.values import converters, kinds
from incident_kit.read.values.kinds import Kind


def _agent(value: pl.Expr) -> pl.Expr:
    """Read a user agent. IIS writes a space as `+`; where others write spaces, a `+` is a `+`."""
    spaced = value.str.contains(" ", literal=True)
    return converters.text(
        pl.when(spaced).then(value).otherwise(value.str.replace_all("+", " ", literal=True))
    )


def _taken(value: pl.Expr) -> pl.Expr:
    """Read a duration: seconds if it has a decimal point, because IIS writes whole milliseconds."""
    in_seconds = value.str.contains(".", literal=True)
    return pl.when(in_seconds).then(kinds.SECONDS.read(value)).otherwise(kinds.MILLISECONDS.read(value))


LOCAL_TIMESTAMP = pl.concat_str("date", pl.lit(" "), "clock").str.to_datetime(
    "%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False
)
UTC_TIMESTAMP = LOCAL_TIMESTAMP.dt.replace_time_zone("UTC")
COMMON = {
    "date": Variable("date"),
    "time": Variable("clock"),
    "cs-method": Variable("method"),
    "cs-uri-stem": Variable("path"),
    "cs-uri-query": Variable("query"),
    # Proxies such as Symantec's use this name, and write the question mark before the query too.
    "cs-uri-path": Variable("path"),
    "cs-uri": Variable("target"),
    "cs-host": Variable("host"),
    "cs(Host)": Variable("host"),
    "sc-status": Variable("status", kinds.ANY_STATUS),
    "sc-bytes": Variable("bytes_sent", kinds.WHOLE),
    "c-ip": Variable("client_ip"),
    "c-port": Variable("client_port", kinds.WHOLE),
    "cs-username": Variable("user"),
    "cs-version": Variable("http_version", kinds.PROTOCOL),
    "cs(Referer)": Variable("referer", kinds.PERCENT_DECODED),
}
IIS = {
    **COMMON,
    "cs-uri-query": Variable("query", kinds.QUERY),
    "bytes": Variable("bytes_sent", kinds.WHOLE),
    "time-taken": Variable("duration_ms", Kind(_taken)),
    "cs(User-Agent)": Variable("user_agent", Kind(_agent)),
}
# IIS's Advanced Logging module writes local time.
LOCAL_DATE = "date-local"
ADVANCED = {
    LOCAL_DATE: Variable("date"),
    "time-local": Variable("clock"),
    **IIS,
    "TimeTakenMS": Variable("duration_ms", kinds.MILLISECONDS),
}
# The fields that IIS logs by default since version 8.
IIS_DEFAULT = (
    "date", "time", "s-ip", "cs-method", "cs-uri-stem", "cs-uri-query", "s-port", "cs-username", "c-ip",
    "cs(User-Agent)", "cs(Referer)", "sc-status", "sc-substatus", "sc-win32-status", "time-taken",
)  # fmt: skip
IIS_LINE = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+ [A-Z-]+ [/*]"
REQUIRED_FIELDS = ("cs-uri-stem", "cs-uri", "cs-uri-path", "sc-status")
# Fields that only CloudFront has. A log with one of them is not read as IIS's, because its units differ.
CLOUDFRONT_ONLY = (
    "x-edge-location", "x-edge-request-id", "x-edge-result-type", "x-edge-response-result-type",
    "x-edge-detailed-result-type", "fle-status",
)  # fmt: skip
UTC_TIME = {"timestamp": UTC_TIMESTAMP}
IIS_FIELDS = (
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) "
    "sc-status time-taken"
)

FORMATS = (
    LogFormat(
        "iis_w3c",
        "IIS and other servers' W3C extended log; IIS's without its header too",
        W3cLines(
            " ", REQUIRED_FIELDS, IIS_DEFAULT, len(IIS_DEFAULT), (*CLOUDFRONT_ONLY, LOCAL_DATE), IIS_LINE
        ),
        IIS,
        "end",
        samples=(
            Sample(
                f"{IIS_FIELDS}\n2026-10-10 13:55:36 10.0.0.1 GET /x y=1 443 203.0.113.7 "
                f"Mozilla/5.0+(Windows) 200 204",
                {"target": "/x?y=1", "duration_ms": 204.0, "user_agent": "Mozilla/5.0 (Windows)"},
            ),
            Sample(
                "2026-10-10 13:55:36 10.0.0.1 GET /x - 443 - 203.0.113.7 curl/8.5 - 503 0 64 204",
                {"target": "/x", "duration_ms": 204.0, "status": 503, "client_ip": "203.0.113.7"},
            ),
            Sample(
                "2026-10-10 13:55:36 W3SVC1 web-1 10.0.0.1 GET /x - 443 - 203.0.113.7 HTTP/1.1 curl/8.5 "
                "a=b - shop.example.com 503 0 64 612 430 204 198.51.100.7",
                {"bytes_sent": 612, "duration_ms": 204.0, "host": "shop.example.com", "http_version": "1.1"},
            ),
        ),
        derived=UTC_TIME,
        specialised_for=headless_formats,
        aliases=("iis", "w3c"),
    ),
    LogFormat(
        "iis_advanced",
        "IIS's Advanced Logging, in local time",
        W3cLines(" ", (LOCAL_DATE,)),
        ADVANCED,
        "end",
        samples=(
            Sample(
                "#Fields: date-local time-local cs-method cs-uri-stem c-ip cs(User-Agent) sc-status "
                "TimeTakenMS\n"
                '2026-10-10 13:55:36.250 GET /x "203.0.113.7" "Mozilla/5.0 (X)" 200 204',
                {"path": "/x", "client_ip": "203.0.113.7", "duration_ms": 204.0},
            ),
        ),
        derived={"timestamp": LOCAL_TIMESTAMP},
        aliases=("iis", "iis_w3c", "w3c"),
        priority=1,
    ),
    LogFormat(
        "w3c_tabs",
        "a W3C extended log with tabs",
        W3cLines("\t", REQUIRED_FIELDS, excludes=CLOUDFRONT_ONLY),
        IIS,
        "end",
        samples=(
            Sample(
                "#Fields: date\ttime\tc-ip\tcs-method\tcs-uri-stem\tsc-status\n"
                "2026-10-10\t13:55:36\t203.0.113.7\tGET\t/x\t200",
                {"path": "/x", "status": 200},
            ),
        ),
        derived=UTC_TIME,
        aliases=("w3c",),
    ),
)
