"""Slack, drag and projections: what a faster operation would be worth."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_kit.errors import ParameterError
from incident_kit.measure.spans.retiming import retimed, schedule, slack_ns
from incident_kit.measure.spans.span_tree import span_tree
from incident_kit.measure.spans.what_if import slack_and_drag, what_if
from tests.laws import examples

# Two calls at once, then one more: the shorter of the two has slack, the longer less drag than time.
PARALLEL = """
a      : ==============
b <a   :  ===
c <a   :  ======
d <a   :         ====
"""


def test_drag_ends_where_another_child_holds_the_root(draw: Callable) -> None:
    found = {row["name"]: row for row in slack_and_drag(draw(PARALLEL)).to_dicts()}
    assert {name: row["drag_ms"] for name, row in found.items()} == {"a": 40, "d": 40, "c": 30, "b": 0}
    assert {name: row["critical_ms"] for name, row in found.items()} == {"a": 40, "d": 40, "c": 60, "b": 0}
    assert {name: row["slack_ms"] for name, row in found.items()} == {"a": 0, "d": 0, "c": 0, "b": 30}


def test_slack_is_passed_down_to_the_callees(draw: Callable) -> None:
    tree = span_tree(draw("a : ==========\nb <a : ====\nc <b :  ==\nd <a : ========"))
    assert (slack_ns(schedule(tree)) / 1e6).tolist() == [0, 40, 40, 0]


@pytest.mark.parametrize(("faster_ms", "projected"), [(0, 140), (20, 120), (30, 110), (50, 110), (1000, 110)])
def test_what_if_an_operation_were_faster(faster_ms, projected, draw: Callable) -> None:
    (row,) = what_if(draw(PARALLEL), service="s", name="c", faster_ms=faster_ms).to_dicts()
    assert (row["p95_ms"], row["p95_projected_ms"], row["affected"]) == (140, projected, 1)


def test_a_service_that_calls_itself_is_made_faster_once(draw: Callable) -> None:
    spans = draw("a service=shop : ==========\nb <a service=pay :  ======\nc <b service=pay :   ====")
    (row,) = what_if(spans, service="pay", faster_ms=20).to_dicts()
    assert row["p50_projected_ms"] == 80


def test_what_cannot_be_projected_is_said(draw: Callable) -> None:
    with pytest.raises(ParameterError, match="No span is of bank"):
        what_if(draw(PARALLEL), service="bank", faster_ms=10)
    with pytest.raises(ParameterError, match="0 or more"):
        what_if(draw(PARALLEL), service="s", faster_ms=-1)


@given(st.data())
@examples(60)
def test_nothing_changed_leaves_every_duration_and_work_saved_never_lengthens_one(forests, data) -> None:
    tree = span_tree(data.draw(forests))
    timing = schedule(tree)
    none, all_work = np.zeros(tree.parent.size), np.ones(tree.parent.size)
    assert np.array_equal(retimed(timing, all_work, none), timing.length)
    less = np.array(data.draw(st.lists(st.floats(0, 1), min_size=none.size, max_size=none.size)))
    assert (retimed(timing, less, none) <= timing.length + 1e-6).all()
    slack = slack_ns(timing)
    assert (slack >= 0).all()
