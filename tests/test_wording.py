from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from incident_kit import wording


@pytest.mark.parametrize(
    ("share", "text"), [(0.925, "92.5 %"), (1.0, "100 %"), (0.0, "0 %"), (-0.0001, "0 %"), (-0.25, "-25 %")]
)
def test_a_share_is_written_as_a_percentage(share: float, text: str) -> None:
    assert wording.percent(share) == text


def test_a_share_comes_with_its_interval() -> None:
    assert wording.share_with_interval(0.931, 0.9, 0.954) == "93 % (90 to 95)"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.42, "0.42 ms"),
        (9.96, "10 ms"),
        (230.4, "230 ms"),
        (4600, "4.6 s"),
        (75_000, "1 min 15 s"),
        (-42.0, "-42 ms"),
    ],
)
def test_milliseconds_are_written_with_the_digits_that_matter(value: float, text: str) -> None:
    assert wording.milliseconds(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (260, "4 min 20 s"),
        (3900, "1 h 5 min"),
        (90_061, "1 d 1 h"),
        (-60, "-1 min"),
    ],
)
def test_a_length_of_time_is_written_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert wording.span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 requests"), (1, "1 request"), (12_000, "12,000 requests")]
)
def test_a_count_agrees_with_its_noun(number: int, text: str) -> None:
    assert wording.count(number, "request") == text


def test_an_irregular_plural_is_given() -> None:
    assert wording.count(2, "query", "queries") == "2 queries"


def test_a_time_says_its_zone() -> None:
    instant = datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert wording.clock(instant) == "2026-01-31 10:00:00 UTC"
    assert (
        wording.clock(instant.astimezone(ZoneInfo("Europe/Berlin")), seconds=False) == "2026-01-31 11:00 CET"
    )


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined_as_prose_does(words: list[str], text: str) -> None:
    assert wording.listed(words) == text
