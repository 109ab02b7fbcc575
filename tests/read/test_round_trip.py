"""The law of reading: what a server writes is what is read, whatever clients put into it, in every format."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.access_log import read_access_log
from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.layouts.log_format import LogFormat
from incident_kit.read.parsing.exactly import Parsed
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import all_formats, families
from incident_kit.read.sources.block import Block
from tests.laws import examples
from tests.read import writers
from tests.read.writers.record import RECORDS, Record, Writer

ROWS = {row.name: row for row in all_formats()}
WRITERS: dict[str, Writer] = {}
for module in iter_modules(writers.__path__, f"{writers.__name__}."):
    WRITERS |= getattr(import_module(module.name), "WRITERS", {})
NOISE = ['"', "\\", "\t", " ", "-", "\x00", "\ufffd", "{"]
EVERY = pytest.mark.parametrize("name", sorted(ROWS))
FEW, MANY = examples(4), examples(10)
JSON = [name for name, row in ROWS.items() if isinstance(row.layout, JsonLines)]
# A record of which nothing is odd.
CALM = Record(
    at=datetime(2026, 10, 10, 13, 55, 36, tzinfo=UTC), method="GET", target="/x", http_version="1.1",
    host="shop.example.com", status=200, duration_us=250_000, bytes_sent=612, client_ip="203.0.113.7",
    client_port=40124, user=None, user_agent="curl/8.5", referer=None, upstream_addr="10.0.0.1:80",
    upstream_status=200, upstream_us=204_000, request_id="7bde940e",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
)  # fmt: skip


def written(writer: Writer, records: list[Record]) -> list[str]:
    return [*filter(None, [writer.head]), *(writer.line(writer.limits(record)) for record in records)]


def read(lines: list[str], row: LogFormat, *, fast: bool = True) -> Parsed:
    block, reader = Block("some.log", 1, ("\n".join(lines) + "\n").encode()), Reader([row])
    return reader.read(block) if fast else reader.exactly(block.lines())


def test_every_format_has_a_writer_in_the_module_of_its_family():
    names = {family: set(import_module(f"{writers.__name__}.{family}").WRITERS) for family in families()}
    assert names == {family: {row.name for row in rows} for family, rows in families().items()}


@EVERY
@MANY
@given(records=st.lists(RECORDS, min_size=1, max_size=6))
def test_a_record_that_a_server_writes_is_read_back(name, records):
    writer = WRITERS[name]
    requests = read(written(writer, records), ROWS[name]).requests
    assert len(requests) == len(records)
    for row, record in zip(requests.iter_rows(named=True), records, strict=True):
        expected = writer.expected(writer.limits(record))
        assert {column: row[column] for column in expected} == expected


@EVERY
@FEW
@given(records=st.lists(RECORDS, min_size=1, max_size=4), data=st.data())
def test_damaged_lines_are_read_or_rejected_and_the_fast_path_agrees_with_the_exact_one(name, records, data):
    lines = written(WRITERS[name], records)
    lines += [damaged(data, data.draw(st.sampled_from(lines))) for _ in range(4)]
    fast, exact = (read(lines, ROWS[name], fast=way) for way in (True, False))
    assert len(fast.requests) + len(fast.rejected) == sum(1 for line in lines if line.strip())
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


@EVERY
@pytest.mark.parametrize("character", ["é", '"', "-"])
def test_a_character_too_many_anywhere_in_a_line_is_read_alike_both_ways(name, character):
    head, line = written(WRITERS[name], [CALM])[:-1], WRITERS[name].line(WRITERS[name].limits(CALM))
    lines = [line[:place] + character + line[place:] for place in range(len(line) + 1)]
    fast, exact = (read(head + lines, ROWS[name], fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


@EVERY
def test_a_line_within_which_another_begins_is_read_alike_both_ways(name):
    head, line = written(WRITERS[name], [CALM])[:-1], WRITERS[name].line(WRITERS[name].limits(CALM))
    lines = [line[:place] + line for place in range(1, len(line), 3)]
    fast, exact = (read(head + lines, ROWS[name], fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


def damaged(data: st.DataObject, line: str) -> str:
    """Return a line with a stretch of it lost, doubled or replaced."""
    start, end = sorted(data.draw(st.lists(st.integers(0, len(line)), min_size=2, max_size=2)))
    put = data.draw(st.sampled_from(["", *NOISE, line[start:end] * 2]))
    return line[:start] + put + line[end:]


def test_lines_of_many_shapes_are_read_as_those_of_one():
    lines = [
        WRITERS[name].line(replace(CALM, user_agent=agent))
        for agent in (None, "curl", "a\tb")
        for name in JSON
    ]
    fast, exact = (read(lines * 24, ROWS["json"], fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)
    assert len(fast.requests) + len(fast.rejected) == 24 * len(lines)


@pytest.mark.parametrize("name", JSON)
@FEW
@given(record=RECORDS, data=st.data())
def test_a_shape_that_is_damaged_in_every_line_is_read_alike_both_ways(name, record, data):
    whole = WRITERS[name].line(record)
    broken = [damaged(data, whole) for _ in range(2)]
    digits = "0123456789"
    turned = [str.maketrans(digits, digits[turn:] + digits[:turn]) for turn in range(10)]
    lines = [line.translate(turn) for turn in turned for line in (whole, *broken)] * 3
    fast, exact = (read(lines, ROWS[name], fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


@EVERY
def test_a_line_of_a_megabyte_is_a_line(name):
    writer = WRITERS[name]
    lines = written(writer, [CALM, replace(CALM, target="/" + "x" * 1_000_000), CALM])
    assert read(lines, ROWS[name]).requests["path"].str.len_bytes().to_list() == [2, 1_000_001, 2]


@EVERY
def test_bytes_that_are_no_text_lose_no_line(name, tmp_path):
    writer = WRITERS[name]
    lines = written(writer, [CALM, replace(CALM, target="/MARK"), CALM])
    path = tmp_path / "some.log"
    path.write_bytes("\n".join(lines).encode().replace(b"MARK", b"a\xff\xc3b"))
    log = read_access_log(path, log_format=name)
    assert log.requests["path"].to_list() == ["/x", "/a\ufffd\ufffdb", "/x"]


@pytest.mark.parametrize("target", ["", "?q=1", "?,", "http://a.b/c?d", "http://a.b", "*", "x y"])
def test_a_target_that_is_no_path_is_split_alike_both_ways(target):
    lines = [
        f'[10/Oct/2026:13:55:36 +0000] - 502 502 - GET https a.b "{target}" [Client 203.0.113.7] [Length 1] '
        '[Gzip -] [Sent-to 10.0.0.1] "-" "-"'
    ]
    fast, exact = (read(lines, ROWS["nginx_proxy_manager"], fast=way) for way in (True, False))
    assert len(fast.requests) == 1
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
