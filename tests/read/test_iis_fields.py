"""IIS's lines without a header: their shapes tell which fields were chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.log_formats.iis_fields import fields_of
from tests.laws import examples

# In the order of IIS, each with a value; those that always stand there are not chosen.
VALUES = {
    "date": "2026-10-10", "time": "13:55:36", "s-sitename": "W3SVC1", "s-computername": "web-1",
    "s-ip": "10.0.0.1", "cs-method": "GET", "cs-uri-stem": "/a", "cs-uri-query": "b=1", "s-port": "443",
    "cs-username": "-", "c-ip": "2001:db8::7", "cs-version": "HTTP/2.0", "cs(User-Agent)": "curl/8.5+(x)",
    "cs(Cookie)": "k=v;+l=w", "cs(Referer)": "https://a.b/c?d=e", "cs-host": "a.b:8080", "sc-status": "503",
    "sc-substatus": "0", "sc-win32-status": "64", "sc-bytes": "612", "cs-bytes": "430", "time-taken": "204",
    "X-Forwarded-For": "203.0.113.7,+10.0.0.9",
}  # fmt: skip
CHOSEN = [
    ("s-sitename",), ("s-computername", "s-ip"), ("s-ip",), ("cs-version",), ("cs(Cookie)",),
    ("cs(Referer)",), ("cs-host",), ("sc-bytes", "cs-bytes"), ("time-taken",), ("X-Forwarded-For",),
]  # fmt: skip
ALWAYS = set(VALUES) - {name for names in CHOSEN for name in names}
DEFAULT = "2026-10-10 13:55:36 10.0.0.1 GET /x - 443 - 203.0.113.7 curl/8.5 - 200 0 0 204"


@examples(60)
@given(st.sets(st.sampled_from(CHOSEN)).map(lambda chosen: ALWAYS.union(*chosen)))
def test_any_choice_of_fields_is_told_by_their_shapes(chosen):
    names = tuple(name for name in VALUES if name in chosen)
    assert fields_of(" ".join(VALUES[name] for name in names)) == names


@pytest.mark.parametrize("line", [
    "", "2026-10-10 13:55:36 GET", DEFAULT.replace(" 200 ", " "), DEFAULT.replace("GET /x", "GET x"),
    DEFAULT.replace(" - 200", " a b c d 200"), '2026-10-10 13:55:36 INFO 10.0.0.1:5 - "GET /x HTTP/1.1" 200',
])  # fmt: skip
def test_a_line_of_something_else_has_no_fields(line):
    assert fields_of(line) == ()


def test_fields_may_change_half_way_and_a_header_comes_before_shapes(read):
    own = "2026-10-10 13:55:37 W3SVC1 GET /y - 443 - 203.0.113.7 curl/8.5 k=v - a.b 200 0 0 612 430 7"
    log = read(
        own,
        DEFAULT,
        "#Fields: date time cs-method cs-uri-stem sc-status",
        "2026-10-10 13:55:38 GET /z 404",
        own,
    )
    assert log.requests.select("path", "status", "duration_ms", "bytes_sent").rows() == [
        ("/y", 200, 7.0, 612),
        ("/x", 200, 204.0, None),
        ("/z", 404, None, None),
    ]
    assert log.rejected["line_number"].to_list() == [3, 5]


@pytest.mark.parametrize("other", [
    DEFAULT.replace("10.0.0.1 GET", "web-1 10.0.0.1 GET").replace(" - 200", " 200"),
    DEFAULT.replace(" - 200", " 200") + " 203.0.113.9",
    DEFAULT.replace(" - 200", " k=v a.b 200").replace(" 204", ""),
])  # fmt: skip
def test_a_choice_of_as_many_fields_is_not_read_as_the_others_are(read, other):
    log = read(*[DEFAULT] * 7, other, *[DEFAULT] * 7)
    alone = read(other).requests.drop("source", "line_number")
    assert len(log.requests) == 15
    assert log.requests.drop("source", "line_number").row(7) == alone.row(0)


def test_a_log_with_its_header_is_called_by_the_name_of_its_format(read):
    log = read("#Fields: date time cs-method cs-uri-stem sc-status", "2026-10-10 13:55:38 GET /z 404")
    assert log.log_format == "iis_w3c"


def test_numbers_that_may_be_bytes_or_a_duration_are_taken_for_no_duration(read):
    assert read(f"{DEFAULT} 7").requests["duration_ms"].to_list() == [None]
