"""Bytes looked through a stretch at a time: the same as asking them themselves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident_kit.read.sources import scan as scanning
from incident_kit.read.sources.scan import is_ascii, scan


@given(st.binary(max_size=30) | st.text("a\n\r#é").map(str.encode), st.integers(1, 9))
def test_what_is_found_is_what_the_bytes_themselves_say(data: bytes, at_once: int) -> None:
    whole, scanning.AT_ONCE = scanning.AT_ONCE, at_once
    try:
        found = scan(data)
        assert is_ascii(data) == found.ascii
    finally:
        scanning.AT_ONCE = whole
    said = (found.line_feeds, found.ascii, found.carriage_returns, found.number_signs)
    assert said == (data.count(b"\n"), data.isascii(), b"\r" in data, b"#" in data)
    longest = max(map(len, data.split(b"\n")))
    assert found.long_lines or longest < 2 * at_once
    assert longest >= at_once or not found.long_lines
