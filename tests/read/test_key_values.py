"""Lines of `key=value` pairs as programs really write them; the expected readings follow their documentation."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from incident_kit.errors import UnknownFormatError
from incident_kit.read.layouts.pairs import cut_out
from tests.read.without_labels import without_labels

GRAFANA = (
    "logger=context userId=0 orgId=0 uname= t=2026-04-18T15:54:12.296344502Z level=info "
    'msg="Request Completed" method=GET path=/api/live/ws status=401 remote_addr=172.19.0.1 time_ms=0 '
    "duration=844.811µs size=105 referer= handler=/api/live/ws status_source=server "
    'errorReason=Unauthorized errorMessageID=session.token.rotate error="token needs to be rotated"'
)
ROUTER = (
    '2026-02-21T16:07:34.515030+00:00 heroku[router]: at=info method=GET path="/" host=lake.example.com '
    'request_id=d7c85cc2-b289 fwd="203.0.113.7" dyno=web.1 connect=641ms service=3629ms status=200 bytes=153'
)
LOGRAGE = "method=GET path=/users format=html controller=UsersController action=index status=200 duration=9.14 view=5.98 db=0.64"
SLOG = 'time=2026-07-09T02:42:09.121-05:00 level=INFO msg=request method=GET path="/api/x?y=1" status=500 bytes=11 duration_ms=1.2 ip=203.0.113.7'
REGISTRY = (
    'time="2026-10-29T15:38:26.168010906Z" level=info msg="{}" go.version=go1.23.8 http.request.host="hub.example.com:443" '
    "http.request.id=e560674b http.request.method=POST http.request.remoteaddr=203.0.113.7 "
    'http.request.uri="/v2/x/blobs/uploads/" http.request.useragent="docker/28.4.0 UpstreamClient(Docker-Client/28.4.0 \\(windows\\))" '
)
ANSWERED = (
    REGISTRY.format("response completed")
    + "http.response.duration=11.300209ms http.response.status=202 http.response.written=0 "
)
ECHOED = '172.31.0.4 - - [29/Oct/2026:15:38:26 +0000] "POST /v2/x/blobs/uploads/ HTTP/1.1" 202 0 "" "docker/28.4.0"'


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


REAL: list[tuple[str, str, dict[str, Any]]] = [
    ("Grafana", GRAFANA,
     {"timestamp": at(2026, 4, 18, 15, 54, 12, 296344), "status": 401, "duration_ms": 0.844811, "bytes_sent": 105, "user": None, "referer": None}),
    ("Grafana, a minute long", GRAFANA.replace("844.811µs", "1m2.5s"), {"duration_ms": 62_500.0}),
    ("Grafana, before it told durations with their unit", GRAFANA.replace("time_ms=0 duration=844.811µs", "time_ms=7"), {"duration_ms": 7.0}),
    ("Heroku", ROUTER, {"timestamp": at(2026, 2, 21, 16, 7, 34, 515030), "duration_ms": 4270.0, "upstream_addr": "web.1", "bytes_sent": 153}),
    ("Heroku, before paths had quotes", ROUTER.replace('path="/"', "path=/api/users?a=b"), {"target": "/api/users?a=b", "query": "a=b"}),
    ("Heroku, a request that timed out",
     ROUTER.replace("at=info", 'at=error code=H12 desc="Request timeout"').replace("connect=641ms service=3629ms status=200", "connect=0ms service=30000ms status=503"),
     {"status": 503, "duration_ms": 30_000.0}),
    ("Heroku's drain, behind another proxy",
     '347 <158>1 2026-08-23T09:17:38.458556+00:00 heroku router - - at=error code=H12 desc="Request timeout" method=POST path="/graphql" '
     'host=a.b request_id=d4cb fwd="203.0.113.7,162.158.154.222" dyno=web.1 connect=0ms service=30001ms status=503 bytes=0 protocol=https',
     {"timestamp": at(2026, 8, 23, 9, 17, 38, 458556), "client_ip": "203.0.113.7", "duration_ms": 30_001.0, "http_version": None}),
    ("Rails: an error with quotes, and a time with blanks",
     LOGRAGE.replace("status=200", "status=404 error='ActiveRecord::RecordNotFound: Couldn't find User with 'id'=2'")
     + ' time=2026-12-11 08:21:24 +0900 host= exception=["RecordNotFound", "Couldn\'t find User with \'id\'=2"] exception_object=Couldn\'t find User with \'id\'=2',
     {"timestamp": at(2026, 12, 10, 23, 21, 24), "status": 404, "duration_ms": 9.14, "path": "/users", "host": None}),
    ("Rails on Heroku: the time that has a zone",
     f"2026-06-29T17:17:18.218922+00:00 app[web.1]: I, [2026-06-29T19:17:18.218788 #4]  INFO -- : [03a9] {LOGRAGE} rq=2.43ms",
     {"timestamp": at(2026, 6, 29, 17, 17, 18, 218922), "duration_ms": 9.14}),
    ("Rails in a container: the runtime's time", f"2026-06-29T17:17:18.218922Z stdout F {LOGRAGE}", {"timestamp": at(2026, 6, 29, 17, 17, 18, 218922)}),
    ("Rails in Docker: the runtime's time",
     json.dumps({"log": LOGRAGE + "\n", "stream": "stdout", "time": "2026-06-29T17:17:18.2Z"}), {"timestamp": at(2026, 6, 29, 17, 17, 18, 200000)}),
    ("Rails: no time at all", LOGRAGE, {"timestamp": None, "status": 200, "duration_ms": 9.14}),
    ("Phoenix: Logster", '[info] state=sent method=GET path=/a format=html controller=HelloPhoenix.ArticleController action=show params={"id":"a b"} status=200 duration=0.402',
     {"duration_ms": 0.402, "path": "/a", "status": 200}),
    ("slog: a quoted path, a zone", SLOG,
     {"timestamp": at(2026, 7, 9, 7, 42, 9, 121000), "target": "/api/x?y=1", "status": 500, "duration_ms": 1.2, "client_ip": "203.0.113.7"}),
    ("slog: a duration of which nobody knows the unit", SLOG.replace("duration_ms", "duration"), {"duration_ms": None, "status": 500}),
    ("slog: a client with its port", SLOG.replace("ip=203.0.113.7", "client=[2001:db8::1]:37894"), {"client_ip": "2001:db8::1", "client_port": 37894}),
    ("logrus: escapes", 'time="2026-07-09T02:42:09Z" level=info msg="a \\"b\\" c\\n" method=GET uri="/x?y=\\"z\\"\\u00e9" status=200', {"target": '/x?y="z"é'}),
    ("a scheme is no version", f"{SLOG} protocol=https", {"http_version": None}),
    ("negroni: the request is its path", SLOG.replace('method=GET path="/api/x?y=1"', "method=GET request=/y took=1.25ms").replace(" duration_ms=1.2", ""),
     {"path": "/y", "duration_ms": 1.25}),
    ("nginx, told to write pairs", 'time=2026-10-10T13:55:36+00:00 method=GET uri="/x?y" status=502 request_time=0.250 upstream_response_time="0.1, 0.1" upstream_addr="a:1, b:1"',
     {"duration_ms": 250.0, "upstream_attempts": 2, "upstream_duration_ms": 200.0}),
    ("nginx's own example: the time between quotes before the pairs", '"10/Oct/2026:15:55:36 +0200" client=203.0.113.7 method=GET request="GET /x?y HTTP/1.1" status=502 body_bytes_sent=52 '
     'referer=- user_agent="curl/8.5" upstream_addr=a:1, b:1 upstream_status=502, 502 request_time=0.250 upstream_response_time=0.1, 0.1',
     {"timestamp": at(2026, 10, 10, 13, 55, 36), "client_ip": "203.0.113.7", "target": "/x?y", "duration_ms": 250.0, "upstream_attempts": 2, "upstream_status": 502}),
    ("the time between brackets before the pairs", "[10/Oct/2026:15:55:36 +0200] client=203.0.113.7 method=GET uri=/x status=502", {"timestamp": at(2026, 10, 10, 13, 55, 36), "status": 502}),
    ("hclog: the time, the level and the message before the pairs", "2026-10-10T13:55:36.123Z [INFO]  agent.http: done: method=GET url=/v1/kv/x?a status=200 latency=1.5ms",
     {"timestamp": at(2026, 10, 10, 13, 55, 36, 123000), "duration_ms": 1.5, "path": "/v1/kv/x"}),
    ("a key that stands alone", f"{SLOG} cached", {"status": 500, "extra": '{"level":"INFO","msg":"request","cached":"true"}'}),
    ("a registry", ANSWERED, {"duration_ms": 11.300209, "host": "hub.example.com", "status": 202, "client_ip": "203.0.113.7"}),
    ("Loki: an answer in the message",
     'level=warn ts=2026-01-20T02:37:18.55702584Z caller=logging.go:86 traceID=681cc3a4f50ce191 orgID=fake msg="POST /loki/api/v1/push (500) 278.729μs Response: \\"at least 2\\\\n\\" ws: false; "',
     {"method": "POST", "path": "/loki/api/v1/push", "status": 500, "duration_ms": 0.278729}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in REAL], ids=[row[0] for row in REAL])
def test_a_line_is_recognised_and_read(read, line, expected):
    row = read(line).requests.row(0, named=True)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize("head", [
    "web-1  | ", "[pod/shop-7d9f-abcde/api] ", "2026-07-09T07:42:09.2Z ", "<190>Oct 10 13:55:36 web-1 api[7]: ", "/var/log/api.log.1:",
    "<190>1 2026-07-09T07:42:09Z web-1 api 7 - - ", "shop-7d9f-abcde api ", "2026-07-09T07:42:09.2Z stderr F ",
])  # fmt: skip
@pytest.mark.parametrize("line", [GRAFANA, SLOG])
def test_no_value_depends_on_what_stands_before_a_line(read, head, line):
    assert without_labels(read(head + line)) == without_labels(read(line))


@pytest.mark.parametrize("wrapped", [
    {"log": SLOG + "\n", "stream": "stdout", "time": "2026-07-09T07:42:09.2Z"}, {"MESSAGE": SLOG, "_PID": "7"}, {"message": SLOG},
])  # fmt: skip
def test_a_line_in_json_is_read(read, wrapped):
    assert read(json.dumps(wrapped)).requests.equals(read(SLOG).requests)


@pytest.mark.parametrize("line", [
    'logger=server t=2026-10-10T13:55:36Z level=info msg="Starting Grafana" version=10.2.3',
    'ts=2026-10-10T13:55:36Z level=info msg="handled request" status=200 latency_ms=42',
    "ts=2026-10-10T13:55:36Z level=info msg=proxying method=GET path=/x",
])  # fmt: skip
def test_pairs_that_tell_of_no_request_are_rejected_with_that_reason(read, line):
    log = read(SLOG, line)
    assert (len(log.requests), log.rejected["line_number"].to_list()) == (1, [2])
    assert "tells of no request" in log.rejected["reason"][0]


@pytest.mark.parametrize("line", [SLOG.replace('y=1"', "y=1"), SLOG.replace('"/api', '"/a"pi')])
def test_a_damaged_line_is_rejected(read, line):
    assert read(SLOG, SLOG, line).rejected["line_number"].to_list() == [3]


def test_a_zone_is_taken_for_the_local_time_of_rails(read):
    log = read(f"I, [2026-07-09T09:42:09.5 #7]  INFO -- : [03a9] {LOGRAGE}", tz="Europe/Berlin")
    assert log.requests["timestamp"].to_list() == [at(2026, 7, 9, 7, 42, 9, 500000)]


@pytest.mark.parametrize(("once", "again"), [
    (ANSWERED, ECHOED),
    (ROUTER, '2026-02-21T16:07:34.511485+00:00 app[web.1]: 10.11.241.172 - - [21/Feb/2026 16:07:34] "GET / HTTP/1.1" 200 -'),
    (ROUTER, f"2026-02-21T16:07:34.511485+00:00 app[web.1]: I, [2026-02-21T16:07:34.5 #4]  INFO -- : [03a9] {LOGRAGE}"),
])  # fmt: skip
def test_a_request_that_two_lines_tell_of_is_read_once(read, once, again):
    log = read(*[once, again] * 5, once)
    assert (len(log.requests), len(log.rejected)) == (6, 5)
    assert len(read(*[once, again] * 5, again).requests) in (5, 6)


def test_keys_without_end_cost_no_column_each(read):
    """Clients make keys of their own where a log writes what they sent without quotes."""
    lines = [f"{LOGRAGE} params={{q x{n}=1 y}} n=1" for n in range(1000)]
    log = read(LOGRAGE, *lines)
    assert [json.loads(extra).get(f"x{n}") for n, extra in enumerate(log.requests["extra"][1:])] == [
        "1 y}"
    ] * 1000
    assert len(cut_out(pl.Series(lines)).columns) < 310


def test_keys_that_no_format_knows_are_told_to_be_mapped(read):
    with pytest.raises(UnknownFormatError, match=r"keys at, verb, where and code: .*logfmt:timestamp=KEY"):
        read('at=2026-10-10T13:55:36Z verb=GET where="/x" code=502')


def test_pairs_of_ones_own_are_mapped(read):
    line = 'at=2026-10-10T13:55:36Z verb=GET where="/x" took=0.25 code=502 pod=a'
    mapping = {"timestamp": "at", "duration_ms": "took * 1000", "status": "code", "target": "where"}
    row = read(line, log_format=mapping).requests.row(0, named=True)
    assert (row["duration_ms"], row["status"], row["path"], row["extra"]) == (250.0, 502, "/x", '{"pod":"a"}')
