"""Windows of time are read, ordered and refused as they are written."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import ParameterError
from incident_kit.window import Window, iso, parse_instant

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T10:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T12:00:00+02:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        (" 2026-01-31T10:00:00.5Z ", datetime(2026, 1, 31, 10, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc_whatever_its_offset(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant


def test_an_instant_without_an_offset_may_be_of_another_zone() -> None:
    assert iso(parse_instant("2026-07-01T12:00", "Europe/Vienna")) == "2026-07-01T10:00:00Z"
    assert iso(parse_instant("2026-07-01T12:00Z", "Europe/Vienna")) == "2026-07-01T12:00:00Z"
    assert iso(parse_instant("2026-10-25T02:30", "Europe/Vienna")) == "2026-10-25T00:30:00Z"


@pytest.mark.parametrize("text", ["yesterday", "", "10:00", "2026-13-01T00:00Z"])
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ParameterError, match="write it like"):
        parse_instant(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-01-31T10:00Z", "START/END"),
        ("2026-01-31T11:00Z/2026-01-31T10:00Z", "ends before it begins"),
        ("2026-01-31T10:00Z/2026-01-31T10:00Z", "ends before it begins"),
    ],
)
def test_what_is_no_window_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ParameterError, match=reason):
        Window.parse(text)


def test_a_window_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 1, 31, 10)
    with pytest.raises(ParameterError, match="no time zone"):
        Window(naive, naive + timedelta(hours=1))


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window.parse("2026-01-31T10:00Z/2026-01-31T10:02Z")
    times = pl.DataFrame({"start_time": [window.start, window.start + timedelta(minutes=1), window.end]})
    assert times.filter(window.covers())["start_time"].to_list() == times["start_time"].to_list()[:2]


@given(INSTANTS, st.timedeltas(timedelta(microseconds=1), timedelta(days=400)))
def test_a_window_written_and_read_is_the_same(start: datetime, length: timedelta) -> None:
    window = Window(start, start + length)
    assert Window.parse(str(window)) == window


def test_an_instant_is_written_in_utc() -> None:
    assert iso(datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-01-31T10:00:00Z"


def test_a_window_of_text_is_told_where_text_is_read() -> None:
    with pytest.raises(ParameterError, match=r"use Window\.parse"):
        Window("2026-01-31T10:00Z", "2026-01-31T11:00Z")
