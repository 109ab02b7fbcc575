"""JSON lines of any maker: what a key is called, and what the object around it is called, say what it means."""

# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

ECS = (
    '{"@timestamp":"2026-10-10T13:55:36.000Z","agent":{"name":"shipper","version":"8.1"},"host":{"name":"web-7"},'
    '"event":{"duration":250000000},"http":{"request":{"method":"GET"},"response":{"status_code":502,"body":{"bytes":612}}},'
    '"url":{"original":"/x?y=1","path":"/x","query":"y=1"},"user_agent":{"original":"curl/8.5","name":"curl"},'
    '"user":{"name":"ann","id":"7"},"source":{"address":"203.0.113.7","ip":"203.0.113.7"}}'
)
START = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,'
AT = datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC)

LINES: list[tuple[str, str, dict[str, Any]]] = [
    ("Datadog: a trace id in decimal digits, in an object", START + '"dd":{"trace_id":"11803532876627986230"}}', {"trace_id": "0000000000000000a3ce929d0e0e4736"}),
    ("Datadog: a trace id of 128 bits", START + '"dd.trace_id":"68b1f0e200000000a3ce929d0e0e4736"}', {"trace_id": "68b1f0e200000000a3ce929d0e0e4736"}),
    ("Datadog: a decimal number beyond 64 bits is none of its ids", START + '"dd.trace_id":"99999999999999999999"}', {"trace_id": "00000000000099999999999999999999"}),
    ("ECS: keys of one name in several objects, and objects where others have text", ECS,
     {"target": "/x?y=1", "path": "/x", "user_agent": "curl/8.5", "user": "ann", "host": None, "duration_ms": 250.0, "bytes_sent": 612}),
    ("ECS: the machine's name is nobody's user", '{"@timestamp":"2026-10-10T13:55:36Z","host":{"name":"web-7"},"agent":{"name":"shipper"},"method":"GET","path":"/x","status":200}',
     {"user": None, "host": None, "user_agent": None, "extra": '{"host":{"name":"web-7"},"agent":{"name":"shipper"}}'}),
    ("OpenTelemetry's conventions", '{"timestamp":"2026-10-10T13:55:36Z","http.request.method":"GET","url.path":"/x","url.query":"y=1","http.response.status_code":200,'
     '"server.address":"a.b","client.address":"203.0.113.7","client.port":5,"user_agent.original":"c","network.protocol.version":"2","http.response.body.size":612,"http.route":"/{a}"}',
     {"target": "/x?y=1", "host": "a.b", "client_ip": "203.0.113.7", "client_port": 5, "http_version": "2", "bytes_sent": 612, "route": "/{a}", "route_inferred": False}),
    ("GitLab: names of its own, and a duration in seconds", '{"method":"GET","path":"/admin","controller":"A","action":"index","status":500,"time":"2026-10-10T13:55:36Z",'
     '"remote_ip":"::1","username":"root","ua":"c","correlation_id":"O1S","db_duration_s":0.08,"duration_s":20.54}',
     {"user": "root", "user_agent": "c", "request_id": "O1S", "duration_ms": 20540.0, "client_ip": "::1"}),
    ("Kong: parts of the time, of which one is the whole", '{"request":{"method":"GET","uri":"/x?y=1","url":"http://a.b:8000/x?y=1","size":75,"headers":{"host":"a.b","user-agent":"c"},"id":"k1"},'
     '"response":{"status":200,"size":612,"headers":{}},"latencies":{"kong":5,"proxy":20,"request":25},"client_ip":"10.0.0.1","started_at":1791640536000}',
     {"query": "y=1", "host": "a.b", "bytes_sent": 612, "duration_ms": 25.0, "upstream_duration_ms": 20.0, "request_id": "k1", "timestamp": AT, "start_time": AT}),
    ("pino: the headers of the request, and its milliseconds", '{"level":30,"time":1791640536000,"req":{"id":1,"method":"GET","url":"/x","headers":{"host":"a.b:80","user-agent":"c","referer":"http://r/",'
     '"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}},"res":{"statusCode":200},"responseTime":5}',
     {"host": "a.b", "user_agent": "c", "referer": "http://r/", "request_id": "1", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "duration_ms": 5.0}),
    ("the beginning, and nothing of the end", '{"start_time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"duration_ms":250}',
     {"timestamp": AT, "start_time": AT, "duration_ms": 250.0}),
    ("the beginning and the end", '{"time":"2026-10-10T13:55:37Z","start_time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"duration_ms":250}',
     {"timestamp": AT.replace(second=37), "start_time": AT}),
    ("Apache's `%q` as a key's value, which has the question mark", START + '"query":"?y=1"}', {"target": "/x?y=1", "query": "y=1"}),
    ("nginx: the upstream by a short name, a status within the request", '{"time":"2026-10-10T13:55:36Z","request":{"method":"GET","url":"/x","status":502},"body_bytes":612,'
     '"upstream":"10.0.0.1:80, 10.0.0.2:80"}', {"status": 502, "bytes_sent": 612, "upstream_addr": "10.0.0.2:80", "upstream_attempts": 2}),
    ("the names of Logstash's patterns, where the response is the status", '{"time":"10/Oct/2026:13:55:36 +0000","remote_ip":"10.0.0.1","request":"GET /x HTTP/1.1","response":304,"bytes":0}',
     {"timestamp": AT, "status": 304, "target": "/x", "client_ip": "10.0.0.1"}),
    ("logback: the request line by the name of a URL", '{"@timestamp":"2026-10-10T13:55:36Z","method":"GET","protocol":"HTTP/1.1","status_code":200,"requested_url":"GET /x?y=1 HTTP/1.1","requested_uri":"/x"}',
     {"method": "GET", "target": "/x?y=1", "path": "/x", "http_version": "1.1"}),
    ("logback: the path alone", '{"@timestamp":"2026-10-10T13:55:36Z","method":"GET","status_code":200,"requested_uri":"/x"}', {"path": "/x"}),
    ("express-winston: milliseconds", '{"message":"HTTP GET /x","meta":{"req":{"url":"/x","method":"GET"},"res":{"statusCode":200},"responseTime":12},"timestamp":"2026-10-10T13:55:36Z"}',
     {"path": "/x", "status": 200, "duration_ms": 12.0}),
    ("Linkerd: nanoseconds", '{"client.addr":"10.1.0.4:5","host":"a.b","method":"GET","processing_ns":"39826","response_bytes":"19","status":200,"timestamp":"2026-10-10T13:55:36Z","total_ns":"250000000","uri":"http://a.b/x"}',
     {"client_ip": "10.1.0.4", "path": "/x", "duration_ms": 250.0, "bytes_sent": 19}),
    ("a registry of images: the unit in the value", '{"http.request.method":"GET","http.request.uri":"/v2/","http.response.duration":"11.3ms","http.response.status":200,"time":"2026-10-10T13:55:36Z"}',
     {"path": "/v2/", "duration_ms": 11.3}),
    ("a response that is the answer, beside its status", '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","response":"200 apples","status":502}', {"status": 502}),
]  # fmt: skip


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
@pytest.mark.parametrize("times", [1, 50])
def test_a_line_is_read_by_the_names_of_its_keys(read, line, expected, times):
    requests = read(*[line] * times).requests
    assert requests.select(expected.keys()).unique().row(0, named=True) == expected


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ENVOY = (
    '{"start_time":"2026-10-10T13:55:36.123Z","method":"GET","path":"/x","response_code":200,"duration":1,%s}'
)
TRAEFIK = (
    '{"StartUTC":"2026-10-10T13:55:36.1Z","RequestMethod":"GET","RequestPath":"/x","DownstreamStatus":200,%s}'
)
CADDY = '{"ts":1791640536.25,"request":{"method":"GET","uri":"/x","headers":{%s}},"status":200}'


@pytest.mark.parametrize(
    ("line", "member"),
    [
        (ENVOY, f'"x-b3-traceid":"{TRACE}"'), (ENVOY, f'"b3":"{TRACE}-00f067aa0ba902b7-1"'),
        (TRAEFIK, f'"request_X-B3-Traceid":"{TRACE}"'), (TRAEFIK, f'"request_B3":"{TRACE}-00f067aa0ba902b7-1"'),
        (CADDY, f'"X-B3-Traceid":["{TRACE}"]'), (CADDY, f'"X-Amzn-Trace-Id":["Root=1-{TRACE[:8]}-{TRACE[8:]}"]'),
        (START + "%s}", f'"xrayTraceId":"Root=1-{TRACE[:8]}-{TRACE[8:]}"'), (START + "%s}", f'"otelTraceID":"{TRACE}"'),
        (START + "%s}", f'"logging.googleapis.com/trace":"projects/shop/traces/{TRACE}"'),
        (START + "%s}", f'"headers":{{"traceparent":"00-{TRACE}-00f067aa0ba902b7-01","host":"a"}}'),
        (START + "%s}", f'"request":{{"headers":{{"traceparent":"00-{TRACE}-00f067aa0ba902b7-01"}}}}'),
        (START + "%s}", f'"request":{{"headers":{{"X-B3-Traceid":["{TRACE}"]}}}}'),
        (START + "%s}", f'"req":{{"headers":{{"x-b3-traceid":"{TRACE}"}}}}'),
        (START + "%s}", f'"request_headers":{{"x-amzn-trace-id":"Root=1-{TRACE[:8]}-{TRACE[8:]}"}}'),
        (START + "%s}", f'"http":{{"request":{{"headers":{{"b3":"{TRACE}-00f067aa0ba902b7-1"}}}}}}'),
        (START + "%s}", f'"otelTraceID":"{TRACE[:8]}-{TRACE[8:12]}-{TRACE[12:16]}-{TRACE[16:20]}-{TRACE[20:]}"'),
        (START + "%s}", f'"headers.traceparent":"00-{TRACE}-00f067aa0ba902b7-01"'),
        (START + "%s}", f'"b3":"{TRACE}-00f067aa0ba902b7-1"'), (START + "%s}", f'"x_cloud_trace_context":"{TRACE}/7;o=1"'),
    ],
)  # fmt: skip
def test_a_trace_is_found_in_whichever_header_carries_it(read, line, member):
    assert read(line % member).requests["trace_id"].to_list() == [TRACE]


# As IBM's ingress advises it: what is told of upstreams has no quotes, whatever stands there.
UNQUOTED = (
    '{"time_date": "2026-10-10T13:55:36+00:00", "client": "203.0.113.7",\t"request_method": "GET", "request_uri": "/x",'
    '\t"status": 200, "upstream_addr": "%s", "upstream_status": %s, "request_time": 0.250, "upstream_response_time": %s}'
)


@pytest.mark.parametrize(
    ("addresses", "statuses", "times", "expected"),
    [
        ("a:1", "200", "0.204", ("a:1", 200, 204.0, 1)),
        ("a:1, b:2", "502, 200", "0.001, 0.204", ("b:2", 200, 205.0, 2)),
        ("a:1, b:2 : c:3", "502, - : 200", "0.001, - : 0.204", ("c:3", 200, 205.0, 3)),
        ("-", "-", "-", (None, None, None, None)),
        ("", "", "", (None, None, None, None)),
        ('a \\"b\\": c, d', "200", "-", ("d", 200, None, 2)),
    ],
)
def test_lists_and_dashes_without_quotes_cost_no_line(read, addresses, statuses, times, expected):
    whole, line = UNQUOTED % ("a:1", "200", "0.2"), UNQUOTED % (addresses, statuses, times)
    log = read(whole, line, whole)
    columns = ("upstream_addr", "upstream_status", "upstream_duration_ms", "upstream_attempts")
    assert log.requests.select(columns).row(1) == expected
    assert log.requests["client_ip"].to_list() == ["203.0.113.7"] * 3


@pytest.mark.parametrize(
    "line", ['{"a":', '{"a":,}', '{"a":1,2}', '{"status":200 "b":1}', "{a:1}", '{"a":"b}']
)
def test_no_quotes_are_missing_from_what_is_no_object(read, line):
    good = START + '"n":1}'
    assert len(read(good, line).rejected) == 1


def test_a_beginning_that_is_no_time_is_told_as_the_time_it_is(read):
    log = read(
        '{"start_time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200}',
        '{"start_time":"soon","method":"GET","path":"/x","status":200}',
    )
    assert (len(log.requests), len(log.rejected)) == (1, 1)


@pytest.mark.parametrize(
    ("key", "milliseconds"),
    [
        ('"elapsed_ms":250', 250.0), ('"latency_us":250000', 250.0), ('"request_duration_seconds":0.25', 250.0),
        ('"timeTakenMs":250', 250.0), ('"durationNanos":250000000', 250.0), ('"took_in_ms":250', 250.0),
        ('"total-time-ms":250', None), ('"response_time-ms":250', 250.0), ('"processing_time_micros":250000', 250.0),
        ('"duration":"250ms"', 250.0), ('"latency":"312.5\\u00b5s"', 0.3125), ('"elapsed":"1m2.5s"', 62500.0),
        ('"duration":250', None), ('"latency":"250"', None), ('"db_duration_ms":9', None), ('"ttfb_ms":9', None),
        ('"duration":"250ms","duration_ms":251', 251.0), ('"duration":{"ms":250}', None),
    ],
)  # fmt: skip
def test_a_duration_is_read_where_its_name_or_its_value_tells_the_unit(read, key, milliseconds):
    assert read(START + key + "}").requests["duration_ms"].to_list() == [milliseconds]


@pytest.mark.parametrize(
    "time",
    [
        "2026-10-10T19:25:36+0530", "2026-10-10T15:55:36+02", "2026-10-10 15:55:36.000+02", "2026-10-10T13:55:36+00",
        "2026-10-10 15:55:36 +0200 CEST", "2026-10-10 15:55:36.0 +0200 CEST m=+0.012", "10/Oct/2026 13:55:36",
        "10/Oct/2026:15:55:36.000 +0200", "1.791640536E9", "1.791640536e+12", "Sat, 10 Oct 2026 13:55:36 GMT",
    ],
)  # fmt: skip
def test_a_time_is_read_as_languages_and_databases_write_it(read, time):
    row = read(START.replace("2026-10-10T13:55:36Z", time) + '"n":1}').requests.row(0, named=True)
    assert row["timestamp"] == AT


@pytest.mark.parametrize(
    "time", ["10/10/2026 1:55:36 PM", "2026-10-10T24:00:00Z", "+02", "1.5e", "2026-10-10"]
)
def test_a_time_that_might_be_two_is_damage(read, time):
    good = START + '"n":1}'
    assert len(read(good, good.replace("2026-10-10T13:55:36Z", time)).rejected) == 1


TIMED = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/a","status":'


@pytest.mark.parametrize(
    ("written", "status", "extra"),
    [
        ('"200 OK"', 200, None), ("200.0", 200, None), ('"503"', 503, None), ("0", 0, None),
        ('"404 Not Found"', 404, None), ("20000", None, {"status": "20000"}), ("1000", None, {"status": "1000"}),
        ("true", None, {"status": "true"}), ('"2xx"', None, {"status": "2xx"}), ("-1", None, None),
        ('"0600 OK"', None, {"status": "0600 OK"}), ("99999", None, {"status": "99999"}),
    ],
)  # fmt: skip
def test_a_status_may_have_its_reason_and_what_is_none_is_kept(read, written, status, extra):
    row = read(TIMED + written + "}").requests.row(0, named=True)
    assert (row["status"], row["extra"] and json.loads(row["extra"])) == (status, extra)


@pytest.mark.parametrize(
    ("line", "log_format", "extra"),
    [
        (START + '"duration_ms":"1,5"}', None, {"duration_ms": "1,5"}),
        (START + '"duration_ms":-4,"n":[1]}', None, {"duration_ms": "-4", "n": [1]}),
        (START + '"bytes":"12 kB","client_port":"http"}', None, {"bytes": "12 kB", "client_port": "http"}),
        (START + '"bytes":null,"client_port":"-","duration_ms":""}', None, None),
        (START + '"took":"0:00:01.5"}', "json:duration_ms=took * 1000", {"took": "0:00:01.5"}),
        # The second name of a column is kept, whether it can be read or not.
        (START + '"body_bytes_sent":7,"bytes_sent":"a \\"b\\""}', None, {"bytes_sent": 'a "b"'}),
        ('time=2026-10-10T13:55:36Z method=GET path=/a status=200 bytes="12 kB"', None, {"bytes": "12 kB"}),
        ('time=2026-10-10T13:55:36Z method=GET path=/a status=200 bytes="12 kB" n=1', None, {"bytes": "12 kB", "n": "1"}),
    ],
)  # fmt: skip
def test_a_text_in_place_of_a_number_is_kept_as_it_was_written(read, line, log_format, extra):
    requests = read(line, START + '"n":1}' if line.startswith("{") else line, log_format=log_format).requests
    kept = requests["extra"][0]
    assert (kept and json.loads(kept)) == extra
