"""Servers of Python applications: uvicorn, gunicorn, Granian, Hypercorn, aiohttp and http.server.

uvicorn writes no time unless a logging configuration puts one before the line. That time has no zone, so the
user says which one with `tz=`. gunicorn's default is `combined`, and what follows is the tail that its
`access_log_format` adds. Behind a Unix socket uvicorn and gunicorn leave the client's address out.
Sources: uvicorn, gunicorn, Granian, Hypercorn and aiohttp documentation, settings of the access log.
"""

from __future__ import annotations

from incident_kit.read.layouts.log_format import LogFormat, Sample
from incident_kit.read.layouts.template_string import template
from incident_kit.read.log_formats.nginx import COMBINED
from incident_kit.read.log_formats.nginx_variables import VARIABLES as NGINX
from incident_kit.read.log_formats.python_values import GUNICORN, HYPERCORN, VARIABLES

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
        template('$level$time $before$client - "$request" $status$reason', VARIABLES, escaped=False),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '2026-10-10 13:55:36,250 INFO:     203.0.113.7:40124 - "GET /x HTTP/1.1" 200 OK',
                {"client_ip": "203.0.113.7", "status": 200},
            ),
        ),
        aliases=("uvicorn",),
    ),
    LogFormat(
        "uvicorn_zoned",
        "uvicorn with a time and its zone before each line, as runtimes write them",
        template('$taken $before$client - "$request" $status$reason', VARIABLES, escaped=False),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '2026-10-10T13:55:36.250Z stdout F INFO:     203.0.113.7:40124 - "GET /x HTTP/1.1" 200 OK',
                {"client_ip": "203.0.113.7", "status": 200, "extra": '{"level":"INFO","reason":"OK"}'},
            ),
        ),
        aliases=("uvicorn", "uvicorn_timed"),
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
        aliases=("uvicorn", "gunicorn"),
    ),
    LogFormat(
        "granian",
        "Granian's default, milliseconds",
        template('[$zoned] $address - "$request" $status $taken_ms', VARIABLES, escaped=False),
        VARIABLES,
        "start",
        samples=(
            Sample(
                '[2026-10-10 13:55:36 +0000] 203.0.113.7 - "GET /x HTTP/1.1" 200 12.345',
                {"client_ip": "203.0.113.7", "path": "/x", "status": 200, "duration_ms": 12.345},
            ),
        ),
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
        aliases=("gunicorn",),
    ),
    LogFormat(
        "python_http_server",
        "Python's http.server, and what is like it: Werkzeug's, Django's and Daphne's",
        template('$from[$day_and_time] "$uncoloured" $status $size', VARIABLES),
        VARIABLES,
        "end",
        samples=(
            Sample(
                '203.0.113.7 - - [10/Oct/2026 13:55:36] "GET /x HTTP/1.1" 200 -',
                {"client_ip": "203.0.113.7", "status": 200, "path": "/x", "bytes_sent": None},
            ),
        ),
        aliases=("werkzeug", "flask", "django", "daphne"),
    ),
    LogFormat(
        "hypercorn",
        "Hypercorn's default: the client with its port, the version of HTTP as a number",
        template(
            '$client - - [$time_local] "$method $target $version" $status $body_bytes_sent '
            '"$http_referer" "$http_user_agent"',
            HYPERCORN,
            escaped=False,
        ),
        HYPERCORN,
        "end",
        samples=(
            Sample(
                '203.0.113.7:40124 - - [10/Oct/2026:13:55:36 +0000] "GET /x 1.1" 200 612 "-" "curl/8.5"',
                {"client_ip": "203.0.113.7", "client_port": 40124, "path": "/x", "http_version": "1.1"},
            ),
        ),
        priority=2,
    ),
    LogFormat(
        "aiohttp",
        "aiohttp's default: combined without identity and user",
        template(COMBINED.replace(" - $remote_user", ""), NGINX, escaped=False),
        NGINX,
        "start",
        samples=(
            Sample(
                '203.0.113.7 [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"',
                {"client_ip": "203.0.113.7", "status": 200, "path": "/x", "user_agent": "curl/8.5"},
            ),
        ),
    ),
)
