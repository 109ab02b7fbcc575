"""What `parse` wrote is read again as the same requests."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incident_kit.engines.reading import parse_access_log
from incident_kit.read.access_log import read_access_log

LINES = (
    '203.0.113.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /users/7?y=\\"1\\" HTTP/1.1" 502 612 "-" '
    '"a, \\"b\\"" rt=0.250 urt="0.001, 0.204" ua="10.0.0.1:80, 10.0.0.2:80" us="502, 200" pod=web-7',
    '203.0.113.7 - - [10/Oct/2026:13:55:37 +0000] "\\x16\\x03\\x01" 400 0 "-" "-" '
    'rt=0.000 urt="-" ua="-" us="-" pod=w\\xC3\\xA9b',
    '2001:db8::7 - - [10/Oct/2026:13:55:38 +0000] "GET http://shop.example.com/ HTTP/1.1" 200 1 "-" "-" '
    'rt=- urt="-" ua="-" us="-" pod=-',
)
FORMAT = (
    'nginx:$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" rt=$request_time urt="$upstream_response_time" ua="$upstream_addr" '
    'us="$upstream_status" pod=$pod'
)


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
@pytest.mark.parametrize("routes", [None, ["/users/{user}"]])
def test_a_table_of_requests_is_read_as_the_requests_that_were_written(tmp_path: Path, ending, routes):
    log, table = tmp_path / "access.log", tmp_path / f"requests.{ending}"
    log.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    parse_access_log(log, table, None, log_format=FORMAT, routes=routes)
    written = read_access_log(log, log_format=FORMAT, routes=routes).requests
    read = read_access_log(table).requests
    assert read["source"].unique().to_list() == [str(table)]
    kept = [json.loads(extra) for extra in read["extra"]]
    placed = read.with_columns(
        source=pl.Series([extra.pop("file") for extra in kept]),
        line_number=pl.Series([int(extra.pop("line")) for extra in kept]),
    )
    assert len(written) == len(LINES)
    assert_frame_equal(placed.drop("extra"), written.drop("extra"))
    assert kept == [json.loads(extra or "{}") for extra in written["extra"]]


def test_a_damaged_extra_is_kept_as_text(tmp_path: Path):
    (tmp_path / "access.log").write_text("\n".join(LINES), encoding="utf-8")
    parse_access_log(tmp_path / "access.log", tmp_path / "requests.jsonl", None, log_format=FORMAT)
    whole, cut, _ = (tmp_path / "requests.jsonl").read_text(encoding="utf-8").splitlines()
    written = cut.replace('"extra":"{', '"extra":"{{')
    (tmp_path / "damaged.jsonl").write_text(f"{whole}\n{written}\n", encoding="utf-8")
    first, second = map(json.loads, read_access_log(tmp_path / "damaged.jsonl").requests["extra"])
    assert first["pod"] == "web-7"
    assert second["extra"].startswith('{{"pod":')
