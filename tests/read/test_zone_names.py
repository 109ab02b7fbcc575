"""Times whose zone has a name: what it means is known, told or asked for, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from incident_kit.read.values.zone_names import OFFSETS, offset_of

WEBRICK = 'localhost - - [{}] "GET / HTTP/1.1" 200 3100'
JSON = '{{"time":"{}","method":"GET","path":"/","status":200}}'
LOGFMT = 'time="{}" method=GET path=/ status=200'


@cache
def meanings() -> dict[str, set[str]]:
    """Return what each name of a zone has meant anywhere since 2015."""
    found: dict[str, set[str]] = {}
    for zone in map(ZoneInfo, available_timezones()):
        for local in (
            datetime(year, month, 15, tzinfo=zone) for year in range(2019, 2027) for month in (1, 7)
        ):
            found.setdefault(str(local.tzname()), set()).add(f"{local:%z}")
    return found


def test_every_known_name_means_one_offset_in_the_database_of_zones():
    assert {name: meanings().get(name) for name in OFFSETS} == {name: {at} for name, at in OFFSETS.items()}


@pytest.mark.parametrize(("written", "hour"), [
    ("2026-10-10 13:55:36 UTC", 13), ("2026-10-10 15:55:36 CEST", 13), ("2026-10-10T15:55:36.25 CEST", 13),
    ("2026-10-10 13:55:36.123456 +0000 UTC", 13), ("2026-10-10 15:55:36 +0200 CST", 13),
    ("2026-10-10T13:55:36UTC", 13), ("10/Oct/2026:09:55:36 EDT", 13), ("[10/Oct/2026:13:55:36 GMT]", 13),
    ("2026/10/10 15:55:36,5 +0200", 13), ("Sat, 10 Oct 2026 13:55:36 GMT", 13),
    ("Sat, 10 Oct 2026 15:55:36 CEST", 13),
])  # fmt: skip
@pytest.mark.parametrize("line", [JSON, LOGFMT])
def test_a_name_with_one_meaning_is_its_offset(read, line, written, hour):
    stamp = read(line.format(written)).requests["timestamp"].item()
    assert (stamp.hour, stamp.minute, stamp.second) == (hour, 55, 36)


@pytest.mark.parametrize("line", [WEBRICK, JSON, LOGFMT])
@pytest.mark.parametrize("name", ["CST", "IST", "PST", "XYZ"])
def test_a_name_with_several_meanings_is_not_guessed(read, line, name):
    log = read(line.format("10/Oct/2026:15:55:36 CEST"), line.format(f"10/Oct/2026:15:55:36 {name}"))
    assert (len(log.requests), log.rejected["line_number"].to_list()) == (1, [2])
    assert "say which" in log.rejected["reason"][0]


@pytest.mark.parametrize(("name", "tz", "offset"), [
    ("CST", "America/Chicago", "-0600"), ("CDT", "America/Chicago", "-0500"),
    ("CST", "Asia/Shanghai", "+0800"), ("IST", "Asia/Kolkata", "+0530"), ("IST", "Europe/Dublin", "+0100"),
    ("PST", "America/Los_Angeles", "-0800"), ("EST", "Asia/Shanghai", "-0500"),
    ("CST", "Europe/Berlin", None), ("CST", "UTC", None),
])  # fmt: skip
def test_a_name_means_what_it_does_in_the_zone_that_is_given(name, tz, offset):
    assert offset_of(name, 2026, tz) == offset


@pytest.mark.parametrize("line", [WEBRICK, JSON, LOGFMT])
def test_the_hour_that_occurs_twice_is_told_by_its_name(read, line):
    times = [line.format(f"01/Nov/2026:01:30:00 {name}") for name in ("CDT", "CST")]
    stamps = read(*times, tz="America/Chicago").requests["timestamp"].to_list()
    assert stamps == [datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (6, 7)]


def test_webricks_lines_beside_those_of_rack_are_no_second_requests(read):
    rack = '::1 - - [20/May/2026:19:31:20 +0200] "GET / HTTP/1.1" 200 374996 0.3680'
    log = read(*[rack, WEBRICK.format("20/May/2026:19:31:19 CEST"), "- -> /"] * 2)
    assert log.requests["duration_ms"].to_list() == [368.0, 368.0]
    assert log.rejected["reason"].to_list()[1] == "WEBrick tells from which page a request came."


def test_webrick_alone_is_read(read):
    log = read(
        "[2026-05-20 19:31:00] INFO  WEBrick 1.4.2", WEBRICK.format("20/May/2026:19:31:19 CEST"), "- -> /"
    )
    assert log.requests["timestamp"].to_list() == [datetime(2026, 5, 20, 17, 31, 19, tzinfo=UTC)]
