"""Ids that client and server share: two spans, of which one caused the other."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.measure.spans.shared_ids import with_server_ids
from incident_kit.measure.spans.span_time import span_time
from incident_kit.measure.spans.trace_health import trace_health

CALL = """
a    kind=server service=shop name=x   : ==========
b <a kind=client service=shop name=x   :  ========
b <a kind=server service=cart name=x   :   ======
c <b kind=client service=cart name=x   :    ====
c <b kind=server service=store name=x  :     ==
"""
APART = """
a           kind=server service=shop name=x   : ==========
b <a        kind=client service=shop name=x   :  ========
b_server <b kind=server service=cart name=x   :   ======
c <b_server kind=client service=cart name=x   :    ====
c_server <c kind=server service=store name=x  :     ==
"""


def test_a_server_that_shares_its_clients_id_is_below_the_client(draw: Callable) -> None:
    assert with_server_ids(draw(CALL)).equals(draw(APART))
    assert span_time(draw(CALL)).equals(span_time(draw(APART)))


def test_each_span_of_a_shared_id_counts_and_may_have_come_twice(draw: Callable) -> None:
    twice = pl.concat([draw(CALL), draw(CALL)])
    assert span_time(twice).equals(span_time(draw(APART)))
    health = trace_health(twice)
    assert (health.spans, health.duplicates, health.orphans) == (5, 5, 0)


@pytest.mark.parametrize(
    "drawing",
    [
        "a kind=client service=x : ==\na kind=client service=x : ==",
        "a kind=client service=x : ==\na kind=server service=x : ==",
        "a kind=client service=x : ==\na service=y             : ==",
        "a kind=client trace=t service=x : ==\na kind=server trace=u service=y : ==",
    ],
    ids=["the same side twice", "one service", "no side", "two traces"],
)
def test_what_is_not_told_by_both_sides_of_a_call_keeps_its_id(drawing: str, draw: Callable) -> None:
    assert with_server_ids(draw(drawing)).equals(draw(drawing))
