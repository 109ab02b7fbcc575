"""What servers of Python applications write, by themselves and by the loggers around them."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

UVICORN = '203.0.113.7:40124 - "GET /x?y=1 HTTP/1.1" 200 OK'
WERKZEUG = '203.0.113.7 - - [10/Oct/2026 13:55:36] "GET /x?y=1 HTTP/1.1" 200 -'
WHOLE = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)
EXACT = WHOLE.replace(microsecond=250_000)
CLIENT = {"client_ip": "203.0.113.7", "client_port": 40124, "query": "y=1", "status": 200}
ADDRESS = {"client_ip": "203.0.113.7", "query": "y=1", "status": 200, "timestamp": WHOLE}

LINES: list[tuple[str, str, dict[str, Any]]] = [
    ("uvicorn: the logger's name by logging's default", f"INFO:uvicorn.access:{UVICORN}", CLIENT),
    ("uvicorn: a tuple of Python, as its first versions wrote", UVICORN.replace("203.0.113.7:40124", "INFO: ('203.0.113.7', 40124)"), CLIENT),
    ("uvicorn: no zone, a letter between", f"2026-10-10T13:55:36.250 INFO {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: a zone, a letter between", f"2026-10-10T15:55:36.250+02:00 INFO {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: loguru's bars", f"2026-10-10 13:55:36.250 | INFO     | uvicorn.protocols.http.httptools_impl:send:447 - {UVICORN}",
     CLIENT | {"timestamp": EXACT, "extra": '{"level":"INFO","reason":"OK"}'}),
    ("uvicorn: one bar", f"2026-10-10 13:55:36.250 | INFO:     {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: time and level in brackets", f"[2026-10-10 13:55:36,250] [INFO] {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time that CRI took", f"2026-10-10T13:55:36.250000001Z stdout F INFO:     {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time that Heroku took", f"2026-10-10T13:55:36.250000+00:00 app[web.1]: INFO:     {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time that syslog took", f"2026-10-10T15:55:36.250000+02:00 web-1 uvicorn[12]: INFO:     {UVICORN}", CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time that Docker took", json.dumps({"log": f"INFO:     {UVICORN}\n", "stream": "stdout", "time": "2026-10-10T13:55:36.250000001Z"}),
     CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the level before the time", f"INFO 2026-10-10 13:55:36,250 {UVICORN}", CLIENT | {"timestamp": EXACT, "extra": '{"level":"INFO","reason":"OK"}'}),
    ("uvicorn: what OpenTelemetry adds", f"2026-10-10 13:55:36,250 INFO [uvicorn.access] [httptools_impl.py:481] [trace_id=0 span_id=0 resource.service.name=shop] - {UVICORN}",
     CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time in structlog's JSON", json.dumps({"event": UVICORN, "level": "info", "timestamp": "2026-10-10T13:55:36.250000Z"}), CLIENT | {"timestamp": EXACT}),
    ("uvicorn: the time in a logger's JSON", json.dumps({"asctime": "2026-10-10 13:55:36,250", "name": "uvicorn.access", "message": UVICORN}),
     CLIENT | {"timestamp": EXACT}),
    ("uvicorn: IPv6", UVICORN.replace("203.0.113.7", "INFO:     2001:db8::7"), CLIENT | {"client_ip": "2001:db8::7"}),
    ("Werkzeug: the logger's name by logging's default", f"INFO:werkzeug:{WERKZEUG}", ADDRESS),
    ("Werkzeug: the logger's name after the level", f"2026-10-10 13:55:36,683 INFO werkzeug: {WERKZEUG}", ADDRESS),
    ("Werkzeug: the logger's name between dashes", f"2026-10-10 13:55:36,683 - werkzeug - INFO - {WERKZEUG}", ADDRESS),
    ("Werkzeug: colours within the quotes", WERKZEUG.replace('"GET', '"\x1b[33mGET').replace('1.1"', '1.1\x1b[0m"'), ADDRESS),
    ("Django: no client", WERKZEUG.removeprefix("203.0.113.7 - - ").replace("200 -", "200 612"), ADDRESS | {"client_ip": None, "bytes_sent": 612}),
    ("Daphne: the port of the client, no version", '203.0.113.7:40124 - - [10/Oct/2026:13:55:36] "GET /x?y=1" 200 612', ADDRESS | {"method": "GET", "bytes_sent": 612}),
    ("Hypercorn: with its logger's head", '[2026-10-10 13:55:36 +0000] [7] [INFO] 203.0.113.7:40124 - - [10/Oct/2026:13:55:36 +0000] "GET /x 2" 200 612 "-" "curl/8.5"',
     {"client_ip": "203.0.113.7", "client_port": 40124, "method": "GET", "path": "/x", "http_version": "2", "user_agent": "curl/8.5"}),
    ("aiohttp: the logger's name by logging's default", 'INFO:aiohttp.access:203.0.113.7 [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"',
     ADDRESS | {"bytes_sent": 612, "user_agent": "curl/8.5"}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_a_line_is_read_whatever_loggers_put_around_it(read, line, expected):
    row = read(line).requests.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


def test_one_line_in_colours_is_enough(read):
    coloured = WERKZEUG.replace('"GET /x', '"\x1b[33mGET /z').replace('1.1"', '1.1\x1b[0m"')
    assert read(*[WERKZEUG] * 5, coloured, WERKZEUG).requests["path"].to_list() == ["/x"] * 5 + ["/z", "/x"]


def test_a_socket_that_uvicorn_accepts_is_no_request(read):
    log = read(f"INFO:     {UVICORN}", 'INFO:     203.0.113.7:5 - "WebSocket /ws" [accepted]')
    assert (len(log.requests), len(log.rejected)) == (1, 1)
