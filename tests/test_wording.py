"""How numbers, times and names are written, wherever they are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from incident_kit import wording


@pytest.mark.parametrize(
    ("share", "text"), [(0.925, "92.5 %"), (1.0, "100 %"), (0.0, "0 %"), (-0.0001, "0 %"), (-0.25, "-25 %")]
)
def test_a_share_is_written_as_a_percentage(share: float, text: str) -> None:
    assert wording.percent(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (0.000211, "0.021 %"),
        (0.01393, "1.39 %"),
        (0.15315, "15.3 %"),
        (0.93999, "94 %"),
        (0.9424, "94.24 %"),
        (0.99989, "99.989 %"),
        (0.999999, "99.9999 %"),
        (0.000004, "0.0004 %"),
        (1e-9, "0 %"),
        (1.0, "100 %"),
        (-0.02574, "-2.57 %"),
    ],
)
def test_a_rate_keeps_the_digits_that_tell_it_from_none_and_from_all(share: float, text: str) -> None:
    assert wording.rate(share) == text


@pytest.mark.parametrize(
    ("change", "text"), [(0.15315, "15.3 pp"), (-0.0257, "-2.57 pp"), (0.99211, "99.2 pp"), (0.0, "0 pp")]
)
def test_a_change_of_a_share_is_written_in_percentage_points(change: float, text: str) -> None:
    assert wording.points(change) == text


@pytest.mark.parametrize(("q", "text"), [(0.5, "p50"), (0.95, "p95"), (0.999, "p99.9")])
def test_a_quantile_has_its_usual_name(q: float, text: str) -> None:
    assert wording.quantile(q) == text


def test_a_share_comes_with_its_interval() -> None:
    assert wording.share_with_interval(0.931, 0.9, 0.954) == "93 % (90 to 95)"
    assert wording.share_with_interval(1.0, 0.998, 1.0) == "100 %"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0 ms"),
        (-0.0006, "0 ms"),
        (0.0364, "0.04 ms"),
        (0.42, "0.42 ms"),
        (9.94, "9.9 ms"),
        (9.96, "10 ms"),
        (230.4, "230 ms"),
        (999.6, "1 s"),
        (1157, "1.16 s"),
        (4600, "4.6 s"),
        (9_996, "10 s"),
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
    assert wording.duration_words(seconds) == text


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
    assert wording.clock(instant.astimezone(ZoneInfo("Europe/Berlin"))) == "2026-01-31 11:00:00 CET"


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_words_are_joined_as_prose_does(words: list[str], text: str) -> None:
    assert wording.listed(words) == text


@pytest.mark.parametrize(
    ("method", "route", "text"),
    [
        ("GET", "/users/{id}", "GET /users/{id}"),
        (None, "/users/{id}", "/users/{id}"),
        ("GET", f"/{'a' * 100}/end", f"GET /{'a' * 34}…{'a' * 36}/end"),
    ],
)
def test_an_endpoint_takes_a_line_of_a_sentence_at_most(method: str | None, route: str, text: str) -> None:
    said = wording.endpoint(method, route)
    assert said == text
    assert len(said) <= wording.NAME_WIDTH
