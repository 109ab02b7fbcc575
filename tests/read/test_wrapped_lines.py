"""What stands before or around a line is taken off, and is no part of its values."""

# A log's line stays one line here, so that it can be found in a log.
# ruff: noqa: E501
from __future__ import annotations

import json

import pytest

from incident_kit.read.access_log import explain_access_log, read_access_log

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
    "syslog with a year": "Oct 10 2026 13:55:36 web-1 nginx: ",
    "syslog over TCP": "243 <190>1 2026-10-10T13:55:36.123Z web-1 nginx 123 - - ",
    "grep in several files": "/var/log/nginx/access.log.1:",
    "grep -n": "access.log:12:",
}
MEMBERS = {
    "a logger's message": lambda line: {"time": "2026-10-10T13:55:36.3Z", "level": "info", "msg": line},
    "journald, byte by byte": lambda line: {"__CURSOR": "s=1", "MESSAGE": list(line.encode())},
    "CloudWatch": lambda line: {"@timestamp": "2026-10-10 13:55:36.3", "@message": line},
    "Elasticsearch": lambda line: {"_index": "web", "_source": {"message": line}},
    "Splunk": lambda line: {"preview": False, "result": {"_raw": line}},
    "Splunk's collector": lambda line: {"time": 1791640536.3, "host": "web-1", "event": line},
}


@pytest.fixture
def read(tmp_path):
    def read(*lines, **options):
        path = tmp_path / "some.log"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_access_log(path, **options)

    return read


@pytest.mark.parametrize("inner", ["combined", "istio"])
@pytest.mark.parametrize("head", HEADS)
def test_what_stands_before_a_line_is_neither_its_host_nor_its_client(read, head, inner):
    log = read(HEADS[head] + INNER[inner])
    found = log.requests.select("client_ip", "host", "target", "status", "bytes_sent").rows()
    assert found == [("203.0.113.7", HOSTS[inner], "/x?y=1", 200, 612)]


@pytest.mark.parametrize("inner", ["ingress", "json"])
@pytest.mark.parametrize("around", MEMBERS)
def test_a_line_in_a_member_of_json_is_read(read, around, inner):
    found = read(json.dumps(MEMBERS[around](INNER[inner]))).requests
    assert found.select("client_ip", "target", "status").rows() == [("203.0.113.7", "/x?y=1", 200)]


def test_a_file_of_fluentd_is_read(read):
    line = json.dumps({"log": COMBINED + "\n", "stream": "stdout"})
    assert read(f"2026-10-10T13:55:36+00:00\tkube.web\t{line}").requests["status"].to_list() == [200]


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
