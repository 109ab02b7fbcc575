"""Which of several parts has the bad spans: told only where one has far more of them than of all spans."""

from __future__ import annotations

import polars as pl
import pytest

from incident_kit.diagnosis.causes.worst_part import worst_part

NAMES = ("k8s.pod.name", "host.name")


def spans(usual: float = 0.0, **pods: tuple[int, int]) -> pl.DataFrame:
    """Return spans of pods, each given as how many it has, and how many of those are bad."""
    rows = [
        {"attributes": f'{{"host.name":"h","k8s.pod.name":"{pod}"}}', "bad": n < bad}
        for pod, (number, bad) in pods.items()
        for n in range(number)
    ]
    return pl.DataFrame(rows).with_columns(usual=pl.lit(usual))


@pytest.mark.parametrize(
    ("pods", "worst"),
    [
        ({"a": (300, 90), "b": (300, 2), "c": (300, 1)}, "a"),
        ({"a": (300, 70), "b": (300, 30), "c": (300, 2)}, None),
        ({"a": (8_000, 850), "b": (2_000, 150)}, None),
        ({"a": (300, 15), "b": (300, 0), "c": (300, 0)}, None),
        ({"a": (300, 90)}, None),
    ],
    ids=[
        "one of three",
        "two of three",
        "it has most of the traffic",
        "too few are bad",
        "there is one only",
    ],
)
def test_one_part_is_worst_if_it_has_far_more_of_the_bad_than_of_all(
    pods: dict[str, tuple[int, int]], worst: str | None
) -> None:
    part = worst_part(spans(**pods), NAMES)
    assert (None if part is None else part.value) == worst


def test_a_part_is_said_with_its_share_of_the_bad_and_of_all() -> None:
    part = worst_part(spans(a=(250, 90), b=(750, 10)), NAMES)
    assert part is not None
    assert (str(part), part.share_in_words, part.traffic) == ("a (k8s.pod.name)", "90 % (83 to 94)", 0.25)


@pytest.mark.parametrize(("usual", "worst"), [(0.0, None), (0.01, "a")])
def test_what_is_bad_at_any_time_hides_no_part_with_little_work(usual: float, worst: str | None) -> None:
    part = worst_part(spans(usual, a=(100, 60), b=(9_900, 99)), NAMES)
    assert (None if part is None else part.value) == worst
