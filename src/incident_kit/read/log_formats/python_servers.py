"""Servers of Python applications: uvicorn, gunicorn and the standard library's.

uvicorn writes no time of its own, unless a logging configuration puts one before the line (then without a
zone: `tz=` says which). gunicorn's default is combined; what follows it is the tail that its
`access_log_format` adds. Behind a Unix socket both leave the client's address out.
Sources: uvicorn and gunicorn documentation, settings of the access log.
"""

from __future__ import annotations

from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.parsing import kinds, readings
from incident_kit.read.parsing.kinds import Kind
from incident_kit.read.parsing.log_format import LogFormat, Sample, Variable
from incident_kit.read.parsing.template_string import template

LOCAL_TIME = Kind(
    lambda value: readings.local_instant("%Y-%m-%d %H:%M:%S%.f")(value.str.replace(",", ".", literal=True)),
    pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?",
)
ZONED_TIME = Kind(
    readings.instant("%Y-%m-%d %H:%M:%S %z"), pattern=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}"
)
# Its formatter may leave the level out; logging's may put the logger's name beside it.
LEVEL = Kind(
    lambda value: readings.text(value.str.strip_chars("[]: ")),
    pattern=r"(?:[A-Z]+:? +|\[[A-Z]+\] +)?",
    bounded=True,
)
BEFORE = Kind(
    lambda value: value.str.extract(r"\b([A-Z]{4,})\b"),
    pattern=r"(?:(?:-|[\w.]+:?|\[[\w.]+\]) +)*?",
    bounded=True,
)
DAY_AND_TIME = Kind(
    readings.local_instant("%d/%b/%Y %H:%M:%S"), pattern=r"\d{2}/[A-Za-z]{3}/\d{4} \d\d:\d\d:\d\d", width=20
)
REASON = Kind(
    lambda value: readings.text(value.str.strip_chars()), pattern=r"(?: [A-Za-z' -]+)?", bounded=True
)
# A client that comes by a Unix socket has no address.
CLIENT = Kind(readings.text, pattern=r"\S*")
VARIABLES = {
    "time": Variable("timestamp", LOCAL_TIME),
    "day_and_time": Variable("timestamp", DAY_AND_TIME),
    "client_ip": Variable("client_ip", kinds.BARE),
    "size": Variable("bytes_sent", kinds.WHOLE),
    "zoned": Variable("timestamp", ZONED_TIME),
    "level": Variable("level", LEVEL),
    "before": Variable("level", BEFORE),
    "process": Variable("process", kinds.WORD),
    "severity": Variable("level", kinds.WORD),
    "client": Variable("client", CLIENT),
    "request": Variable("request", kinds.REQUEST_LINE),
    "status": Variable("status", kinds.STATUS),
    "reason": Variable("reason", REASON),
}
GUNICORN = NGINX | {"rest": Variable("rest", kinds.OPTIONAL_REST)}

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
        template('$time $before$client - "$request" $status$reason', VARIABLES, escaped=False),
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
    LogFormat(
        "uvicorn_gunicorn",
        "uvicorn inside of gunicorn, whose logger writes time and process before each line",
        template(
            '[$zoned] [$process] [$severity] $client - "$request" $status$reason', VARIABLES, escaped=False
        ),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '[2026-10-10 13:55:36 +0000] [7] [INFO] 203.0.113.7:40124 - "GET /x HTTP/1.1" 200',
                {"client_port": 40124, "status": 200, "extra": '{"process":"7","level":"INFO"}'},
            ),
        ),
        also=("uvicorn", "gunicorn"),
    ),
    LogFormat(
        "gunicorn_socket",
        "gunicorn behind a Unix socket: combined without the address, and what was added to it",
        template(f"{COMBINED.removeprefix('$remote_addr')}$rest", GUNICORN),
        GUNICORN,
        "end",
        samples=(
            Sample(
                ' - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.0" 200 13 "-" "curl/8.5"',
                {"client_ip": None, "status": 200, "path": "/x", "user_agent": "curl/8.5", "extra": None},
            ),
        ),
        open_ended=True,
        also=("gunicorn",),
    ),
    LogFormat(
        "python_http_server",
        "Python's http.server, and Werkzeug on it",
        template('$client_ip - - [$day_and_time] "$request" $status $size', VARIABLES),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '203.0.113.7 - - [10/Oct/2026 13:55:36] "GET /x HTTP/1.1" 200 -',
                {"client_ip": "203.0.113.7", "status": 200, "path": "/x", "bytes_sent": None},
            ),
        ),
        also=("werkzeug", "flask"),
    ),
)
