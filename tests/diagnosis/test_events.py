"""What people did is told as lines or as a CSV, and an onset soon after it is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from incident_kit.diagnosis.events import SUSPICIOUS_FOR, Event, event_before, read_events
from incident_kit.errors import ParameterError

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_events_are_read_in_the_order_of_time_from_lines_and_files(tmp_path: Path) -> None:
    table = tmp_path / "deploys.csv"
    table.write_text("time,text,who\n2026-01-31T11:00Z,config change,ops\n", encoding="utf-8")
    assert read_events(["2026-01-31T12:00Z deploy v42", str(table)]) == [
        Event(NOON - timedelta(hours=1), "config change"),
        Event(NOON, "deploy v42"),
    ]


@pytest.mark.parametrize(
    "line",
    ["2026-01-31T12:00Z deploy v42", "2026-01-31 12:00:00 deploy v42", "2026-01-31T13:00+01:00 deploy v42"],
)
def test_date_and_time_may_be_written_apart_and_in_another_zone(line: str) -> None:
    assert Event.parse(line) == Event(NOON, "deploy v42")


@pytest.mark.parametrize(
    "text",
    [
        "time,text\n2026-01-31T12:00Z,deploy v42\n",
        "\ufeffTime, Text\n2026-01-31 12:00:00,deploy v42\n\n",
        'who,text,time\nann,"deploy v42",2026-01-31T12:00Z\n',
    ],
)
def test_a_csv_is_read_as_people_and_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    table = tmp_path / "deploys.CSV"
    table.write_text(text, encoding="utf-8")
    assert read_events([str(table)]) == [Event(NOON, "deploy v42")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no column text, time"),
        ("time,text\n2026-01-31T12:00Z,deploy\n2026-01-31T13:00Z,\n", "row 3: .*lacks a text"),
        ("time,text\nyesterday,deploy\n", "row 2: .*no ISO 8601 time"),
    ],
)
def test_a_row_that_is_no_event_is_refused_by_its_place(tmp_path: Path, text: str, says: str) -> None:
    table = tmp_path / "deploys.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=says):
        read_events([str(table)])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("deploy v42", "no ISO 8601 time"),
        ("2026-01-31T12:00Z", "lacks a text"),
        ("missing.csv", "is not there"),
    ],
)
def test_what_is_no_event_is_refused(line: str, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        read_events([line])


def test_a_file_without_the_two_columns_is_refused_by_name(tmp_path: Path) -> None:
    table = tmp_path / "deploys.csv"
    table.write_text("when,what\n2026-01-31T11:00Z,deploy\n", encoding="utf-8")
    with pytest.raises(ParameterError, match="no column text, time"):
        read_events([str(table)])


@pytest.mark.parametrize(
    ("before", "suspicious"),
    [
        (timedelta(0), True),
        (SUSPICIOUS_FOR, True),
        (SUSPICIOUS_FOR * 2, False),
        (-timedelta(seconds=1), False),
    ],
)
def test_an_onset_is_said_to_follow_an_event_only_when_it_comes_soon_after(
    before: timedelta, suspicious: bool
) -> None:
    event = Event(NOON - before, "deploy v42")
    assert event_before(NOON, [event]) == (event if suspicious else None)


def test_the_last_of_several_events_is_the_suspicious_one() -> None:
    events = [Event(NOON - timedelta(minutes=minutes), f"deploy {minutes}") for minutes in (1, 2, 3)]
    assert event_before(NOON, events) == events[0]


def test_one_event_may_stand_alone() -> None:
    event = Event(NOON, "deploy v42")
    assert read_events("2026-01-31T12:00Z deploy v42") == read_events(event) == [event]
