"""Servers of Python applications: uvicorn and gunicorn.

uvicorn writes no time of its own, unless a logging configuration puts one before the line (then without a
zone: `tz=` says which). gunicorn's default is combined; what follows it is the tail that its
`access_log_format` adds. Sources: uvicorn and gunicorn documentation, settings of the access log.
"""

from __future__ import annotations

from incident_kit.read.parsing import kinds, readings
from incident_kit.read.parsing.kinds import Kind
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.read.parsing.template_string import template

LOCAL_TIME = Kind(
    lambda value: readings.local_instant("%Y-%m-%d %H:%M:%S%.f")(value.str.replace(",", ".", literal=True)),
    pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?",
)
LEVEL = Kind(lambda value: value.str.strip_chars("[]: "), pattern=r"[A-Z]+:? +|\[[A-Z]+\] +", bounded=True)
REASON = Kind(
    lambda value: readings.text(value.str.strip_chars()), pattern=r"(?: [A-Za-z' -]+)?", bounded=True
)
VARIABLES = {
    "time": Variable("timestamp", LOCAL_TIME),
    "level": Variable("level", LEVEL),
    "client": Variable("client", kinds.BARE),
    "request": Variable("request", kinds.REQUEST_LINE),
    "status": Variable("status", kinds.STATUS),
    "reason": Variable("reason", REASON),
}

FORMATS = (
    LogFormat(
        "uvicorn",
        "uvicorn's default, without times",
        template('$level$client - "$request" $status$reason', VARIABLES, escaped=False),
        VARIABLES,
        "end",
        samples=(
            Sample(
                'INFO:     203.0.113.7:40124 - "GET /x HTTP/1.1" 200 OK',
                {"client_ip": "203.0.113.7", "client_port": 40124, "status": 200, "timestamp": None},
            ),
        ),
    ),
    LogFormat(
        "uvicorn_timed",
        "uvicorn with a time before each line",
        template('$time $level$client - "$request" $status$reason', VARIABLES, escaped=False),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '2026-10-10 13:55:36,250 INFO:     203.0.113.7:40124 - "GET /x HTTP/1.1" 200 OK',
                {"client_ip": "203.0.113.7", "status": 200},
            ),
        ),
        also=("uvicorn",),
    ),
)
