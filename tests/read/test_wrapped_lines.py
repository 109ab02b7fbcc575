"""What stands before or around a line is taken off, and is no part of its values."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from incident_kit.read.access_log import explain_access_log
from tests.read.without_labels import without_labels

COMBINED = '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"'
INGRESS = f"{COMBINED} 430 0.204 [shop-cart-80] [] 10.1.0.9:8080 612 0.200 200 4bf92f35"
ISTIO = (
    '[2026-10-10T13:55:36.123Z] "GET /x?y=1 HTTP/1.1" 200 - via_upstream - "-" 0 612 40 39 "203.0.113.7" "curl/8.5" "aa11" '
    '"shop" "10.1.0.7:80" inbound|80|| 127.0.0.6:5 10.1.0.7:80 10.1.0.4:5 - default'
)
CADDY = (
    '{"ts":1791640536.25,"request":{"client_ip":"203.0.113.7","method":"GET","uri":"/x?y=1"},'
    '"duration":0.25,"size":612,"status":200}'
)
INNER = {"combined": COMBINED, "ingress": INGRESS, "istio": ISTIO, "json": CADDY}
# Formats with a client in front, or labels, or tabs: what is put before them is not to be read as part of those.
COMMON_HEADS = (
    "kubectl logs --timestamps", "kubectl logs --prefix", "stern", "docker compose logs --timestamps",
    "journalctl -o short-precise", "syslog over TCP", "grep in several files",
)  # fmt: skip
EASILY_EXTENDED = {
    "vhost": f"shop.example.com:443 {COMBINED}",
    "HAProxy": '203.0.113.7:40124 [10/Oct/2026:13:55:36.000] in~ shop/web-1 5/0/1/204/250 200 612 - - ---- 1/1/0/0/0 0/0 "GET /x?y=1 HTTP/1.1"',
    "Traefik": f'{COMBINED} 42 "shop@docker" "http://10.0.0.1:80" 250ms',
    "Hypercorn": '203.0.113.7:40124 - - [10/Oct/2026:13:55:36 +0000] "GET /x 2" 200 612 "-" "curl/8.5"',
    "aiohttp": '203.0.113.7 [10/Oct/2026:13:55:36 +0000] "GET /x?y=1 HTTP/1.1" 200 612 "-" "curl/8.5"',
    "Squid": '203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET http://shop.example.com/x HTTP/1.1" 200 612 TCP_MISS:HIER_DIRECT',
    "LTSV": "time:2026-10-10T13:55:36+00:00\thost:203.0.113.7\treq:GET /x HTTP/1.1\tstatus:200\tsize:612\treqtime:0.250",
    "ALB": (
        "https 2026-10-10T13:55:36.000000Z app/shop/49 203.0.113.7:40124 10.0.0.1:80 0.001 0.204 0.000 200 200 34 612 "
        '"GET https://shop.example.com:443/x HTTP/1.1" "curl/8.5" ECDHE TLSv1.2 arn:x "Root=1-58337262-36d228ad5d99923122bbe354" '
        '"-" "-" 0 2026-10-10T13:55:35.800000Z "forward" "-" "-"'
    ),
    "S3": '79a5 b [10/Oct/2026:13:55:36 +0000] 203.0.113.7 - 3E57 REST.GET.OBJECT x "GET /x HTTP/1.1" 200 - 612 612 38 12 "-" "curl"',
    "CloudFront": "2026-10-10\t13:55:36\tCDG50-P2\t612\t203.0.113.7\tGET\td1.example\t/x\t200\t-\tcurl/8.5\t-\t-\tMiss\t375W",
}
HOSTS = {"combined": None, "ingress": None, "istio": "shop", "json": None}
HEADS = {
    "kubectl logs --timestamps": "2026-10-10T13:55:36.301234567Z ",
    "kubectl logs --prefix": "[pod/shop-7d9f-abcde/nginx] ",
    "kubectl logs, both": "[pod/shop-7d9f-abcde/nginx] 2026-10-10T13:55:36.3Z ",
    "stern": "shop-7d9f-abcde nginx ",
    "kubetail": "[shop-7d9f-abcde] ",
    "kubetail with containers": "[shop-7d9f-abcde nginx] ",
    "aws logs tail": "/ecs/shop ecs/web/0123abcd ",
    "docker compose logs --timestamps": "web-1  | 2026-10-10T13:55:36.3Z ",
    "foreman": "13:55:36 web.1  | ",
    "Heroku": "2026-10-10T13:55:36.123456+00:00 app[web.1]: ",
    "a copy out of a dashboard": "2026-10-10 13:55:36.301 ",
    "Grafana": "2026-10-10 13:55:36.301\t",
    "logcli": '2026-10-10T13:55:36Z {app="web", pod="x"} ',
    "Fluentd on a terminal": "2026-10-10 13:55:36.000000000 +0000 nginx.access: ",
    "a logger of Python": "2026-10-10 13:55:36,301 - gunicorn.access - INFO - ",
    "a logger of Python by default": "INFO:gunicorn.access:",
    "gunicorn's logger": "[2026-10-10 13:55:36 +0000] [7] [INFO] ",
    "journalctl -o short-precise": "Oct 10 13:55:36.123456 web-1 nginx[123]: ",
    "journalctl -o short-full": "Sat 2026-10-10 13:55:36 CEST web-1 nginx[123]: ",
    "journalctl -o short-unix": "1791640536.123456 web-1 nginx[123]: ",
    "socklog": "10.1.4.1: local0.info: Oct 10 13:55:36 nginx[1]: ",
    "Pyramid's logger": "2026-10-10 13:55:36,301 INFO  [wsgi:209][waitress-0] ",
    "syslog with a year": "Oct 10 2026 13:55:36 web-1 nginx: ",
    "syslog over TCP": "243 <190>1 2026-10-10T13:55:36.123Z web-1 nginx 123 - - ",
    "syslog with data of its sender": '<190>1 2026-10-10T13:55:36.1Z web-1 nginx 7 - [a@1 b="c\\]\\"d" e="]"][f@1 g="h"] ',
    "aws logs tail of a task": "2026-10-10T13:55:36.123000+00:00 ecs/web/0a1b2c3d ",
    "Fly.io": "2026-10-10T13:55:36Z app[148e21] fra [info]",
    "Cloud Foundry": "   2026-10-10T13:55:36.12+0000 [APP/PROC/WEB/0] OUT ",
    "Papertrail's archive": "12\t2026-10-10T13:55:36Z\t2026-10-10T13:55:37Z\t1\tweb-1\t10.0.0.1\tUser\tInfo\tnginx\t",
    "ts": "Oct 10 13:55:36 ",
    "grep in several files": "/var/log/nginx/access.log.1:",
    "grep -n": "access.log:12:",
    "cat -n": "    12\t",
}
MEMBERS = {
    "a logger's message": lambda line: {"time": "2026-10-10T13:55:36.3Z", "level": "info", "msg": line},
    "journald, byte by byte": lambda line: {"__CURSOR": "s=1", "MESSAGE": list(line.encode())},
    "CloudWatch": lambda line: {"@timestamp": "2026-10-10 13:55:36.3", "@message": line},
    "Elasticsearch": lambda line: {"_index": "web", "_source": {"message": line}},
    "OpenTelemetry": lambda line: {"timeUnixNano": "1791640536300000000", "body": {"stringValue": line}},
    "OpenTelemetry in ClickHouse": lambda line: {"Timestamp": "2026-10-10 13:55:36.3", "Body": line},
    "Splunk": lambda line: {"preview": False, "result": {"_raw": line}},
    "Fluent Bit": lambda line: {"log": line, "stream": "stdout", "kubernetes": {"pod_name": "web-1"}},
    "Graylog": lambda line: {"version": "1.1", "short_message": line[:9], "full_message": line},
    "Azure": lambda line: {"TimeGenerated": "2026-10-10T13:55:37Z", "LogMessage": line},
    "Sumo Logic": lambda line: {"_raw": line, "_time": 1791640536},
    "Datadog": lambda line: {"id": "A", "attributes": {"message": line, "service": "web"}},
    "AWS Lambda": lambda line: {"time": "2026-10-10T13:55:36Z", "type": "function", "record": line},
    "Elasticsearch's common schema": lambda line: {
        "@timestamp": "2026-10-10T13:55:37Z",
        "event": {"original": line},
    },
    "Splunk's collector": lambda line: {"time": 1791640536.3, "host": "web-1", "event": line},
}


@pytest.mark.parametrize("inner", ["combined", "istio"])
@pytest.mark.parametrize("head", HEADS)
def test_what_stands_before_a_line_is_neither_its_host_nor_its_client(read, head, inner):
    log = read(HEADS[head] + INNER[inner])
    found = log.requests.select("client_ip", "host", "target", "status", "bytes_sent").rows()
    assert found == [("203.0.113.7", HOSTS[inner], "/x?y=1", 200, 612)]


@pytest.mark.parametrize("inner", EASILY_EXTENDED)
@pytest.mark.parametrize("head", COMMON_HEADS)
def test_no_value_of_a_line_depends_on_what_stands_before_it(read, head, inner):
    line = EASILY_EXTENDED[inner]
    assert without_labels(read(HEADS[head] + line)) == without_labels(read(line))


@pytest.mark.parametrize("inner", ["ingress", "json"])
@pytest.mark.parametrize("around", MEMBERS)
def test_a_line_in_a_member_of_json_is_read(read, around, inner):
    found = read(json.dumps(MEMBERS[around](INNER[inner]))).requests
    assert found.select("client_ip", "target", "status").rows() == [("203.0.113.7", "/x?y=1", 200)]


@pytest.mark.parametrize(
    "line", [f"    {INGRESS}", f"    {CADDY}", f"\t{COMBINED}", f"{COMBINED} ", f" {ISTIO} "]
)
def test_blanks_around_a_line_are_no_part_of_it(read, line):
    assert read(line).requests.equals(read(line.strip()).requests)


@pytest.mark.parametrize("inner", INNER)
def test_a_cell_of_csv_has_its_quotes_twice_and_none_is_part_of_a_value(read, inner):
    cell = '"' + INNER[inner].replace('"', '""') + '"'
    assert read(cell).requests.equals(read(INNER[inner]).requests)


@pytest.mark.parametrize("inner", INNER)
def test_the_escapes_of_a_json_string_are_no_part_of_a_value(read, inner):
    assert read(json.dumps(INNER[inner])).requests.equals(read(INNER[inner]).requests)


@pytest.mark.parametrize(
    "around", ["%s,", "@cee:%s", "@cee: %s", "Oct 10 13:55:36 web-1 shop: @cee: %s", '{"_source":%s,"_index":"web"}',
               '{"insertId":"q","jsonPayload":%s,"timestamp":"2026-10-10T13:55:37Z"}'],
)  # fmt: skip
def test_an_object_is_read_whatever_was_put_around_it(read, around):
    assert without_labels(read(around % CADDY)) == without_labels(read(CADDY))


def docker(line):
    return json.dumps({"log": line, "stream": "stdout", "time": "2026-10-10T13:55:36Z"})


def test_lines_whose_shipper_took_the_line_feeds_off_are_whole(read):
    log = read(*[docker(COMBINED)] * 5)
    assert (len(log.requests), len(log.rejected)) == (5, 0)


@pytest.mark.parametrize("others", [2, 1])
def test_a_line_that_docker_cut_is_put_together(read, others):
    long = COMBINED.replace("/x?y=1", "/x?y=" + "1" * 40_000)
    pieces = [long[:16_384], long[16_384:32_768], long[32_768:] + "\n"]
    log = read(*map(docker, [*pieces, *[COMBINED + "\n"] * others]))
    assert log.requests["target"].str.len_bytes().to_list() == [40_005, *[6] * others]
    assert log.rejected["reason"].to_list() == ["It is a piece of the line that follows."] * 2


def test_the_carriage_return_of_a_container_with_a_terminal_is_no_part_of_a_line(read):
    lines = [docker(f"{COMBINED}\r\n")] * 3
    assert (
        read(*lines).requests.drop("line_number").equals(read(*[COMBINED] * 3).requests.drop("line_number"))
    )


@pytest.mark.parametrize("line", [
    docker("\n"), docker("  \n"), "2026-10-10T13:55:36Z stdout F ", "2026-10-10T13:55:36Z stdout F",
])  # fmt: skip
def test_a_line_around_none_is_rejected_and_a_blank_line_is_none(read, line):
    around = docker(f"{COMBINED}\n") if line.startswith("{") else f"2026-10-10T13:55:36Z stdout F {COMBINED}"
    log = read(around, line, "", around, around)
    assert log.requests["line_number"].to_list() == [1, 4, 5]
    assert log.rejected.select("line_number", "raw").rows() == [(2, line)]


def test_a_line_is_read_in_the_message_of_logfmt(read):
    line = "time=2026-10-10T13:55:36Z level=info msg=" + json.dumps(COMBINED)
    assert read(line).requests.equals(read(COMBINED).requests)


def test_a_file_of_fluentd_is_read(read):
    line = json.dumps({"log": COMBINED + "\n", "stream": "stdout"})
    assert read(f"2026-10-10T13:55:36+00:00\tkube.web\t{line}").requests["status"].to_list() == [200]


@pytest.mark.parametrize(
    "record",
    [
        '[1791640536.301000000, {"log"=>"%s"}]',
        '[[1791640536.301000000, {}], {"log"=>"%s", "stream"=>"stdout", "kubernetes"=>{"pod_name"=>"web-1"}}]',
        '[[1791640536.301000000, {}], {"stream"=>"stdout", "log"=>"%s"}]',
        '[[1791640536.301000000, {}], {"log"=>"%s\n", "stream"=>"stdout"}]',
    ],
)
@pytest.mark.parametrize("inner", ["combined", "ingress", "json"])
def test_the_console_of_fluent_bit_has_a_record_around_each_line(read, record, inner):
    found = read("[0] kube.var.log: " + record % INNER[inner]).requests
    assert found.drop("extra").rows() == read(INNER[inner]).requests.drop("extra").rows()


@pytest.mark.parametrize("level", ["INFO", "\x1b[34mINFO\x1b[0m"])
def test_the_console_of_caddy_has_the_time_and_the_logger_before_the_json(read, level):
    line = (
        f'2026/10/10 13:55:36.250\t{level}\thttp.log.access.log0\thandled request\t{{"request": {{"method": "GET", '
        '"uri": "/x", "remote_addr": "203.0.113.7:5"}, "duration": 0.25, "size": 12, "status": 200}'
    )
    error = line.replace("log.access", "log.error")
    log = read(line, "2026/10/10 13:55:36.250\tINFO\tadmin\tstopped", error)
    found = log.requests.select("client_ip", "duration_ms", "timestamp").rows()
    assert found == [("203.0.113.7", 250.0, datetime(2026, 10, 10, 13, 55, 36, 250_000, UTC))]
    assert log.rejected["line_number"].to_list() == [2, 3]


@pytest.mark.parametrize(
    "head", ["", "shop.example.com ", "shop.example.com:443 ", "[2001:db8::1]:8080 ", "_ "]
)
def test_a_host_before_a_line_stays_its_host(read, head):
    host = {"": None, "[2001:db8::1]:8080 ": "[2001:db8::1]"}.get(head, head.strip().removesuffix(":443"))
    assert read(head + COMBINED).requests["host"].to_list() == [host]


@pytest.mark.parametrize("client", [
    "203.0.113.7", "2001:db8::7", "fe80::1%eth0", "203.0.113.x", "2001:db8:xxxx::", "localhost", "web-1.example.com", "unix:", "-",
])  # fmt: skip
def test_a_client_is_whatever_a_server_calls_it(read, client):
    found = read(COMBINED.replace("203.0.113.7", client)).requests["client_ip"].to_list()
    assert found == [None if client == "-" else client]


def test_what_was_around_a_line_is_told(tmp_path):
    path = tmp_path / "some.log"
    path.write_text(f"shop-7d9f-abcde nginx {COMBINED}\n" * 2)
    assert explain_access_log(path)[0].wrappers == ("stern",)


@pytest.mark.parametrize("inner", ["combined", "ingress", "json"])
@pytest.mark.parametrize(
    "head",
    [
        "shop shop-7d9fbc-bcd4f nginx ",
        "kube-system db-0 istio-proxy ",
        "istio-system ingress-6d4-x2x4z istio-proxy ",
    ],
)
def test_the_namespace_that_stern_tells_is_no_host(read, head, inner):
    found = read(head + INNER[inner]).requests.select("client_ip", "host").rows()
    assert found == [("203.0.113.7", None)]


VALUES = (
    "start_time",
    "method",
    "target",
    "status",
    "duration_ms",
    "bytes_sent",
    "client_ip",
    "upstream_addr",
)
RUNTIMES = {
    "nothing": lambda line: line,
    "Docker": lambda line: docker(line + "\n"),
    "Kubernetes": lambda line: f"2026-10-10T13:55:36.3Z stdout F {line}",
    "rsyslog by default": lambda line: f"Oct 10 13:55:36 web-1 nginx[123]: {line}",
    "rsyslog with ISO times": lambda line: f"2026-10-10T13:55:36.3+00:00 web-1 nginx[123]: {line}",
    "RFC 5424": lambda line: f"<190>1 2026-10-10T13:55:36.123Z web-1 nginx 123 - - {line}",
}


@pytest.mark.parametrize("line", [COMBINED, EASILY_EXTENDED["HAProxy"], EASILY_EXTENDED["LTSV"], CADDY],
                         ids=["combined", "HAProxy", "LTSV", "json"])  # fmt: skip
@pytest.mark.parametrize("most", RUNTIMES)
def test_a_runtime_may_be_changed_in_mid_file(read, most, line):
    others = [RUNTIMES[other](line) for other in RUNTIMES if other != most]
    log = read(*[RUNTIMES[most](line)] * 3, *others)
    assert log.requests.select(VALUES).rows() == read(line).requests.select(VALUES).rows() * 8
    assert log.requests["line_number"].to_list() == list(range(1, 9))


def test_pieces_of_one_stream_are_put_together_across_lines_of_another(read):
    wrapped = [f"2026-10-10T13:55:36.3Z stdout P {COMBINED[:40]}", "2026-10-10T13:55:36.3Z stderr F [error] x",
               f"2026-10-10T13:55:36.3Z stdout F {COMBINED[40:]}"]  # fmt: skip
    log = read(f"2026-10-10T13:55:36.3Z stdout F {COMBINED}", *wrapped)
    assert log.requests.select(VALUES).rows() == read(COMBINED).requests.select(VALUES).rows() * 2
    assert log.requests["line_number"].to_list() == [1, 4]
    assert log.rejected.select("line_number", "reason").rows() == [
        (2, "It is a piece of the line that follows."),
        (3, log.rejected["reason"][1]),
    ]


def test_a_line_inside_of_another_runtime_that_is_no_request_is_rejected_as_it_stands(read):
    odd = RUNTIMES["Docker"]("a word")
    piece = "2026-10-10T13:55:36.3Z stdout P " + COMBINED
    assert read(*[COMBINED] * 3, odd, piece).rejected["raw"].to_list() == [odd, piece]
