"""Services without spans of their own, seen by the several that answer one call."""

from collections.abc import Callable

import polars as pl
import pytest

from tests.measure.found_segments import found_segments

BEHIND = """
    a    service=gate  kind=server            : ==========
    b <a service=gate  kind=client name=GET {} : ========
    c <b service=fares kind=server            :   ==
    d <b service={}    kind=server            :     ==
"""


def edges(spans: pl.DataFrame) -> list[tuple[str, str]]:
    return found_segments(spans).calls.select("caller", "callee").rows()


@pytest.mark.parametrize(
    ("peer", "name"), [("peer=finder.shop:80", "finder.shop:80"), ("", "what gate calls as GET")]
)
def test_what_several_services_answer_is_a_service_of_its_own(draw: Callable, peer: str, name: str) -> None:
    spans = draw(BEHIND.format(peer, "stock"))
    assert edges(spans) == [("gate", name), (name, "fares"), (name, "stock")]
    own = found_segments(spans).segments.filter(service=name)
    assert own["own_ms"].to_list() == [40]


def test_what_one_service_answers_twice_is_that_service(draw: Callable) -> None:
    assert edges(draw(BEHIND.format("", "fares"))) == [("gate", "fares")] * 2


def test_what_the_service_that_is_named_answers_too_is_no_other(draw: Callable) -> None:
    assert edges(draw(BEHIND.format("peer=stock:80", "stock"))) == [("gate", "fares"), ("gate", "stock")]


def test_messages_of_several_consumers_hide_nobody(draw: Callable) -> None:
    spans = draw(BEHIND.format("", "stock")).with_columns(kind=pl.col("kind").replace({"client": "producer"}))
    assert edges(spans) == [("gate", "fares"), ("gate", "stock")]
