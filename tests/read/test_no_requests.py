"""JSON lines and logfmt: a path and a status are no request yet, for jobs and files have both."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from incident_kit.errors import UnknownFormatError

TIME = {"time": "2026-10-10T13:55:36Z"}
GOOD = {**TIME, "method": "GET", "path": "/x", "status": 200}

NO_REQUESTS = [
    {"path": "/var/spool/jobs/7", "status": "ok"},
    {"path": "/var/spool/jobs/7", "status": "running", "level": "info"},
    {"url": "https://a.b/health", "status": "up"},
    {"method": "charge_card", "status": "ok"},
    {"method": "charge_card", "path": "/queue", "status": "done"},
    {"request": "reload", "status": "ok"},
    {"uri": "s3://bucket/key", "status": "2026-10-10"},
    {"path": "/tmp/a", "status": "1st"},
]
REQUESTS = [
    {"path": "/x", "status": 200},
    {"path": "/x", "status": "200"},
    {"path": "/x", "status": "200 OK"},
    {"path": "/x", "status": 0},
    {"path": "/x", "status": "-"},
    {"method": "GET", "path": "/x", "status": "ok"},
    {"method": "get", "url": "/x", "status": "ok"},
    {"method": "PROPFIND", "path": "/x", "status": "error"},
    {"method": "charge_card", "path": "/x", "status": 502},
    {"request": "GET /x HTTP/1.1", "status": "ok"},
    {"request": "GET /x", "status": "ok"},
    {"request": "\\x16\\x03", "status": 400},
    {"path": "/x", "response_code": 404, "status": "error"},
]


def _lines(rows: list[dict[str, object]], written: Callable[[dict[str, object]], str]) -> list[str]:
    return [written({**TIME, **members}) for members in rows]


def logfmt(members: dict[str, object]) -> str:
    return " ".join(f"{key}={json.dumps(value)}" for key, value in members.items())


@pytest.mark.parametrize("written", [json.dumps, logfmt], ids=["json", "logfmt"])
@pytest.mark.parametrize("times", [1, 50])
class TestEvidence:
    def test_what_only_looks_like_a_request_is_rejected(self, read, written, times):
        log = read(written(GOOD), *_lines(NO_REQUESTS, written) * times)
        assert log.requests["line_number"].to_list() == [1]
        assert len(log.rejected) == len(NO_REQUESTS) * times

    def test_a_log_of_nothing_else_is_no_access_log(self, read, written, times):
        with pytest.raises(UnknownFormatError, match="say which is what"):
            read(*_lines(NO_REQUESTS, written) * times)

    def test_a_method_a_request_line_or_a_number_as_status_makes_a_request(self, read, written, times):
        log = read(*_lines(REQUESTS, written) * times)
        assert log.rejected["raw"].to_list() == []
        assert len(log.requests) == len(REQUESTS) * times


@pytest.mark.parametrize("prefix", ["json", "logfmt"])
def test_a_mapping_says_what_a_word_for_the_status_leaves_open(read, prefix):
    line = {**TIME, "path": "/x", "status": "ok"}
    written = json.dumps(line) if prefix == "json" else logfmt(line)
    log = read(written, log_format={"path": "path", "status": "status", "timestamp": "time"})
    assert log.requests.select("path", "status").rows() == [("/x", None)]


@pytest.mark.parametrize("tail", ["", ' abc 12 "q"', " rt=0.25"])
def test_what_php_says_beside_its_server_is_told_twice_and_read_once(read, tail):
    server = f'203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /x HTTP/1.1" 200 612 "-" "curl/8.5"{tail}'
    php = '127.0.0.1 -  10/Oct/2026:13:55:36 +0000 "GET /index.php" 200'
    assert read(*[server] * 3, *[php] * 2).requests["path"].to_list() == ["/x"] * 3
    assert read(php, php).requests["path"].to_list() == ["/index.php"] * 2
