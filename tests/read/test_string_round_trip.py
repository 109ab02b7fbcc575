"""What servers write by strings of people's own is read back, whatever clients put into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.parsing.exactly import Parsed
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.sources.block import Block
from tests.laws import examples
from tests.read.writers.record import (
    RECORDS,
    REQUEST,
    Record,
    Writer,
    apache_escaped,
    clf,
    dash,
    iso,
    nginx_escaped,
    seconds,
)

Written = Mapping[str, tuple[Callable[[Record], str], tuple[str, ...]]]
# By variable: how it is written, and which columns come back of it.
NGINX: Written = {
    "$remote_addr": (lambda one: one.client_ip, ("client_ip",)),
    "$remote_port": (lambda one: str(one.client_port), ("client_port",)),
    "$remote_user": (lambda one: dash(one.user), ("user",)),
    "$time_local": (lambda one: clf(one.at), ("timestamp",)),
    "$time_iso8601": (lambda one: iso(one.at, 0).replace("Z", "+00:00"), ("timestamp",)),
    "$request_method": (lambda one: one.method, ("method",)),
    "$request_uri": (lambda one: nginx_escaped(one.target), ("target", "path", "query")),
    "$server_protocol": (lambda one: f"HTTP/{one.http_version}", ("http_version",)),
    "$request_time": (lambda one: seconds(one.duration_us), ("duration_ms",)),
    "$request_id": (lambda one: one.request_id, ("request_id",)),
    "$request": (lambda one: nginx_escaped(one.line), REQUEST),
    "$status": (lambda one: str(one.status), ("status",)),
    "$body_bytes_sent": (lambda one: str(one.bytes_sent), ("bytes_sent",)),
    "$http_user_agent": (lambda one: nginx_escaped(one.user_agent), ("user_agent",)),
    "$http_referer": (lambda one: nginx_escaped(one.referer), ("referer",)),
    "$http_x_forwarded_for": (lambda one: f"{one.client_ip}, 10.0.0.1", ()),
    "$http_traceparent": (lambda one: f"00-{one.trace_id}-00f067aa0ba902b7-01", ("trace_id",)),
    "$upstream_addr": (lambda one: f"10.0.0.9:80, {one.upstream_addr}", ("upstream_addr",)),
    "$upstream_status": (lambda one: f"-, {one.upstream_status}", ("upstream_status",)),
    "$upstream_response_time": (lambda one: f"-, {seconds(one.upstream_us)}", ("upstream_duration_ms",)),
    "$host": (lambda one: one.host, ("host",)),
}
NGINX_STRINGS = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" '
    '"$http_user_agent" $request_time $upstream_response_time $upstream_addr',
    '$remote_addr $http_x_forwarded_for - $remote_user [$time_local] "$request" $status '
    '"$http_user_agent"rt=$request_time urt="$upstream_response_time"',
    "$host $remote_addr:$remote_port [$time_iso8601] $request_method $request_uri $server_protocol $status "
    '$request_time/$upstream_response_time "$http_user_agent" $http_traceparent',
    "$remote_addr|$time_iso8601|$request_method|$status|$request_time|$upstream_addr|$upstream_status|$host",
    "($http_x_forwarded_for) [$time_local] <$request> $status ($request_time s, $upstream_response_time s) "
    '"$http_referer" $request_id',
)
APACHE: Written = {
    "%h": (lambda one: one.client_ip, ("client_ip",)),
    "%{remote}p": (lambda one: str(one.client_port), ("client_port",)),
    "%l": (lambda _: "-", ()),
    "%u": (lambda one: dash(one.user), ("user",)),
    "%t": (lambda one: f"[{clf(one.at)}]", ("timestamp",)),
    "%r": (lambda one: apache_escaped(one.line), REQUEST),
    "%>s": (lambda one: str(one.status), ("status",)),
    "%B": (lambda one: str(one.bytes_sent), ("bytes_sent",)),
    "%D": (lambda one: str(one.duration_us), ("duration_ms",)),
    "%T": (lambda one: str(one.duration_us // 10**6), ()),
    "%{Referer}i": (lambda one: apache_escaped(one.referer), ("referer",)),
    "%{User-Agent}i": (lambda one: apache_escaped(one.user_agent), ("user_agent",)),
    "%{X-Forwarded-For}i": (lambda one: f"{one.client_ip}, 10.0.0.1", ()),
    "%f": (lambda one: f"/srv/a b/{one.request_id}", ()),
    "%v": (lambda one: one.host, ("host",)),
    "%^FB": (lambda _: "99", ()),
}
APACHE_STRINGS = (
    '%h %l %u %t "%r" %>s %B "%{Referer}i" "%{User-Agent}i" %T/%D %^FB',
    '%{X-Forwarded-For}i %l %u %t "%r" %>s %B %D',
    '%v %h:%{remote}p %f %l %u %t "%r" %>s "%{User-Agent}i"',
    '[%h] [%u] %t "%r" [%>s] [%D] "%{Referer}i"',
)
STRINGS = [
    *(("nginx", NGINX, string) for string in NGINX_STRINGS),
    *(("apache", APACHE, string) for string in APACHE_STRINGS),
]
# The string is looked through for the longest names first: `$request_time` begins with `$request`.
GRAIN_US = {"nginx": 1000, "apache": 1}


def writer_of(written: Written, string: str, grain_us: int) -> Writer:
    """Return what writes a record as a server does by a string."""
    names = re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))))
    columns = [column for name in names.findall(string) for column in written[name][1]]
    return Writer(
        lambda record: names.sub(lambda found: written[found[0]][0](record), string),
        tuple(dict.fromkeys(columns)),
        grain_us=grain_us,
    )


def read(lines: list[str], log_format: str, *, fast: bool = True) -> Parsed:
    block = Block("some.log", 1, ("\n".join(lines) + "\n").encode())
    reader = Reader(find_formats(log_format))
    return reader.read(block) if fast else reader.exactly(block.lines())


@pytest.mark.parametrize(("server", "written", "string"), STRINGS, ids=[row[2] for row in STRINGS])
@examples(10)
@given(records=st.lists(RECORDS, min_size=1, max_size=6))
def test_what_a_string_writes_is_read_back_both_ways(server, written, string, records):
    writer = writer_of(written, string, GRAIN_US[server])
    # Between signs that stand within a request too nobody could tell where it ends.
    records = [replace(one, target=one.target.translate(str.maketrans("<>|", "abc"))) for one in records]
    lines = [writer.line(record) for record in records]
    fast, exact = (read(lines, f"{server}:{string}", fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert len(exact.requests) == len(records)
    for row, record in zip(exact.requests.iter_rows(named=True), records, strict=True):
        expected = writer.expected(record)
        assert {column: row[column] for column in expected} == expected
