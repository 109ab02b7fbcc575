"""The proof of the fast path for JSON lines: what it reads is JSON, whatever stands in the values' places."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from incident_kit.read.layouts.json_lines import JsonLines
from incident_kit.read.parsing.exactly import Parsed
from incident_kit.read.parsing.reader import Reader
from incident_kit.read.parsing.registry import find_formats
from incident_kit.read.sources.block import Block
from tests.laws import examples

(JSON,) = (row for row in find_formats("json") if row.name == "json")
TIMES = 20
# `{}` is where a value stands that is told wrongly.
LINE = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"n":[7,%s,1],"last":"z"}'
NO_VALUE = [
    '-""', '-"a"', "-null", "-", "--1", "-01", "01", "00", "1.", ".5", "1.5.5", "1e", "1e+", "+1", "0x1f",
    "1 2", "nulltrue", "truefalse", "tru", "NaN", "Infinity", "-Infinity", "\u0661", "1\u0661", '"a""b"',
    '"a"1', '1"a"', '"a', 'a"', '"a":1', "1:2", "{1:2}", '{"a"}', '{"a":}', "{,}", "[", "]", "}", "1,,2",
    "1,", "\u00a01", '"\\q"', '"\\u12"', "'a'", '""":""', "", "[" * 100_000 + "]" * 100_000,
]  # fmt: skip
VALUE = [
    "-1", "-0", "0", "0.50", "1E+09", "1e999", "true", "false", "null", '""', '"a"', '"-"', "[]", "{}",
    "[[1],{}]", '{"a":{"b":null}}', '"\u0661"', '"a:1,"', '"1"', "  1 ", '"\\u0026"', '"\\\\"', '"\\""',
    '{"1":2}', "1" * 400,
]  # fmt: skip
# Parts of strings: escapes that JSON has, needless ones, halves of characters, and what is none.
TEXTS = [
    "a", "é", ":", ",", "{", " ", r"\"", r"\\", r"\/", r"\b", r"\n", r"\u0026", r"\u003C", r"\u00e9",
    r"\u0000", r"\ud83d", r"\ude00", r"\u12", r"\x41", r"\q",
]  # fmt: skip


def read(lines: list[str], *, fast: bool = True) -> Parsed:
    block, reader = Block("some.log", 1, ("\n".join(lines) + "\n").encode()), Reader([JSON])
    return reader.read(block) if fast else reader.exactly(block.lines())


def check(lines: list[str], requests: int) -> None:
    fast, exact = (read(lines, fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)
    assert (len(fast.requests), len(fast.rejected)) == (requests, len(lines) - requests)


@pytest.mark.parametrize("value", NO_VALUE)
def test_what_is_no_json_is_no_shape_however_many_lines_have_it(value):
    check([LINE % 5, LINE % value] * TIMES, TIMES)


@pytest.mark.parametrize("value", VALUE)
def test_what_is_json_is_read_whether_lines_have_it_or_others(value):
    check([*[LINE % 5, LINE % value] * TIMES, LINE % '"s"'], 2 * TIMES + 1)


@pytest.mark.parametrize("value", ["NaN", "-", "01", "\u0661", '-""', '"a""b"', '"\\q"', '"a":1'])
def test_a_line_is_not_proven_by_the_shape_that_others_have(value):
    check([*[LINE % 5] * TIMES, LINE % value, *[LINE % '"s"'] * TIMES], 2 * TIMES)


@examples(60)
@given(*[st.lists(st.sampled_from(TEXTS), max_size=5).map("".join)] * 3, st.integers(1, 5))
def test_escapes_are_read_alike_wherever_they_stand_and_whatever_they_are(path, value, key, others):
    line = (
        f'{{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/{path}","status":200,"{key}":["{value}"]}}'
    )
    lines = [*[line] * TIMES, *[LINE % f'"{value}"'] * TIMES, *[LINE % 5] * others]
    fast, exact = (read(lines, fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


def test_lines_with_escapes_are_read_without_decoding_each_line(decoded):
    line = r'{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/%d\"\\\u00e9\/","status":200,"a":"\t"}'
    found = read([line % n for n in range(3 * TIMES)])
    assert found.requests["path"].to_list() == [f'/{n}"\\é/' for n in range(3 * TIMES)]
    assert len(decoded) <= 2


def test_values_keep_their_places_beside_a_broken_list():
    line = (
        '{"level":"info","ts":1009843200.000001,"request":{"method":"GET","host":"a.example.com","uri":"/",'
        '"headers":{"Accept":["*/*",%s]}},"status":200,"extra":"HTTP/1.0"}'
    )
    check([line % '-""'] * TIMES, 0)


@pytest.mark.parametrize("around", [" %s", "%s ", " %s  ", "\t%s\t"])
def test_space_may_stand_around_an_object(around):
    check([around % (LINE % 5)] * TIMES, TIMES)


@pytest.mark.parametrize(
    "around", ["%s}", "%s x", "%s{}", "%s,", '%s"', "%s\x01", "[%s", "[%s]", '"%s', "x%s", "%s%s"]
)
def test_nothing_else_may_stand_around_an_object(around):
    line = LINE % 5
    check([around.replace("%s", line)] * TIMES, 0)


@pytest.mark.parametrize("keys", ['"status":500,"status":%s', '"request":{"method":"PUT"},"request":%s'])
@pytest.mark.parametrize("value", ["404", "null", '"404"', "{}", '{"method":"POST"}'])
def test_a_key_that_occurs_twice_is_read_alike(keys, value):
    lines = ['{"time":"2026-10-10T13:55:36Z","path":"/x","status":200,' + keys % value + "}"] * TIMES
    fast, exact = (read(lines, fast=way) for way in (True, False))
    assert_frame_equal(fast.requests, exact.requests, check_exact=True)
    assert_frame_equal(fast.rejected, exact.rejected)


@pytest.fixture
def decoded(monkeypatch):
    """Return a list of the lines that are decoded one by one, which grows."""
    found: list[str] = []
    decode = JsonLines.decode
    monkeypatch.setattr(
        JsonLines, "decode", lambda self, line, **how: found.append(line) or decode(self, line, **how)
    )
    return found


def test_every_one_of_many_shapes_is_read_without_decoding_each_line(decoded):
    keys = [
        f'"k{n}":{value}' for n, value in enumerate(["null", "true", '"s"', "[1,2]", '{"a":"b:"}', "-0.5"])
    ]
    start = '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,'
    shapes = [start + ",".join(keys[turn:] + keys[:turn]) + "}" for turn in range(len(keys))]
    lines = [shape.replace("/x", f"/x/{n}") for n in range(TIMES * 2) for shape in shapes]
    check(lines, len(lines))
    decoded.clear()
    read(lines)
    assert len(decoded) <= 2 * len(shapes)


def test_a_duration_is_read_where_its_text_tells_a_unit_and_is_left_as_it_was_elsewhere():
    line = (
        '{"time":"2026-10-10T13:55:36Z","method":"GET","path":"/x","status":200,"n":7,"took":%s,"last":"z"}'
    )
    values = ['"250ms"', '"1m2.5s"', '"0.5 s"', '"PT0.25S"', '"250"', "250", '"fast"', "null", '"-"', '""']
    lines = [line % value for value in values] * TIMES
    check(lines, len(lines))
    log = read(lines).requests
    assert log["duration_ms"].to_list()[: len(values)] == [250.0, 62500.0, 500.0, 250.0, *[None] * 6]
    assert log["extra"][0] == '{"n":7,"last":"z"}'
    assert log["extra"][4:6].to_list() == ['{"n":7,"took":"250","last":"z"}', '{"n":7,"took":250,"last":"z"}']


@pytest.mark.parametrize("keys", list(permutations(["@timestamp", "timestamp", "msec", "ts"], 3)))
@pytest.mark.parametrize("varying", range(3))
def test_of_several_times_the_first_counts_and_the_others_are_kept_however_they_repeat(keys, varying):
    lines = []
    for second in range(2):
        times = (f'"{key}":"{1709641845 + second * (at == varying)}.5",' for at, key in enumerate(keys))
        lines.append("{" + "".join(times) + '"method":"GET","status":200}')
    check(lines, len(lines))
