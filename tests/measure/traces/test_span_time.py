"""Self time and critical path in every shape a trace can have, drawn beside its expected milliseconds."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.errors import SchemaError
from incident_kit.measure.spans.span_time import span_time

# What is drawn, and for every span: self milliseconds, critical milliseconds. A character is 10 ms.
TOPOLOGIES = {
    "children one after the other": (
        """
        a    : ==========
        b <a :  ===
        c <a :      ====
        """,
        {"a": (30, 30), "b": (30, 30), "c": (40, 40)},
    ),
    "parallel children: the one that finished last is waited for": (
        """
        a    : ==========
        b <a :  =====
        c <a :  =======
        """,
        {"a": (30, 30), "b": (50, 0), "c": (70, 70)},
    ),
    "overlapping siblings: before the last one began, the parent itself is on the path": (
        """
        a    : ==========
        b <a : ======
        c <a :     ======
        """,
        {"a": (0, 40), "b": (60, 0), "c": (60, 60)},
    ),
    "a chain of waits among parallel children": (
        """
        a    : ============
        b <a :  ==
        c <a :  ====
        d <a :       ===
        e <a :     ===
        """,
        {"a": (40, 50), "b": (20, 0), "c": (40, 40), "d": (30, 30), "e": (30, 0)},
    ),
    "grandchildren": (
        """
        a    : ==========
        b <a :  ========
        c <b :   ==
        d <b :      ===
        """,
        {"a": (20, 20), "b": (30, 30), "c": (20, 20), "d": (30, 30)},
    ),
    "a missing parent: its child is another top, and no part of the root": (
        """
        a       : ==========
        b <lost :   ====
        """,
        {"a": (100, 100), "b": (40, 0)},
    ),
    "no root in the file: the first of the tops stands for it": (
        """
        b <lost  : ====
        c <b     :  ==
        d <lost  :      ======
        """,
        {"b": (20, 20), "c": (20, 20), "d": (60, 0)},
    ),
    "two roots: the first is the trace's": (
        """
        a    : =====
        b <a :  ===
        c    :    ========
        """,
        {"a": (20, 20), "b": (30, 30), "c": (80, 0)},
    ),
    "the same span delivered twice counts once": (
        """
        a    : ==========
        b <a :   =====
        b <a :   =====
        """,
        {"a": (50, 50), "b": (50, 50)},
    ),
    "of a span delivered before and after its end the whole one counts": (
        """
        a    : ==========
        b <a :   |
        b <a :   =====
        """,
        {"a": (50, 50), "b": (50, 50)},
    ),
    "a server that shares its client's time": (
        """
        a    kind=client service=x : ==========
        b <a kind=server service=y :  ========
        """,
        {"a": (20, 20), "b": (80, 80)},
    ),
    "a consumer is not inside its producer's time": (
        """
        a                           : ==========
        b <a kind=producer          :  ==
        c <b kind=consumer service=y :   ===========
        d <c service=y              :      ===
        """,
        {"a": (80, 80), "b": (20, 20), "c": (80, 0), "d": (30, 0)},
    ),
    "a consumer below another service's span of any kind is not inside it either": (
        """
        a                            : ======
        b <a kind=consumer service=y :    ======
        """,
        {"a": (60, 60), "b": (60, 0)},
    ),
    "a message processed below its own receipt is inside it": (
        """
        a kind=consumer    : ==========
        b <a kind=consumer :   =======
        """,
        {"a": (30, 30), "b": (70, 70)},
    ),
    "a span that follows from its parent is not waited for": (
        """
        a                                          : =====
        b <a opentracing.ref_type=follows_from     :   ======
        """,
        {"a": (50, 50), "b": (60, 0)},
    ),
    "a child that outlasts its parent counts as far as it is inside": (
        """
        a    : =====
        b <a :    =====
        """,
        {"a": (30, 30), "b": (50, 20)},
    ),
    "a child that begins before its parent counts as far as it is inside": (
        """
        a    :   =====
        b <a : =====
        """,
        {"a": (20, 20), "b": (50, 30)},
    ),
    "a child wholly outside its parent takes nothing from it": (
        """
        a    : ====
        b <a :      ====
        c <b :       ==
        """,
        {"a": (40, 40), "b": (20, 0), "c": (20, 0)},
    ),
    "a grandchild that outlasts both": (
        """
        a    : =====
        b <a :  ======
        c <b :   =======
        """,
        {"a": (10, 10), "b": (10, 10), "c": (70, 30)},
    ),
    "retries are siblings": (
        """
        a    : ===========
        b <a :  ==
        c <a :     ==
        d <a :        ==
        """,
        {"a": (50, 50), "b": (20, 20), "c": (20, 20), "d": (20, 20)},
    ),
    "a span that took no time": (
        """
        a    : ==========
        b <a :    |
        c <a :    ====
        """,
        {"a": (60, 60), "b": (0, 0), "c": (40, 40)},
    ),
    "a negative duration is no time": (
        """
        a         : ==========
        b <a ms=-50 :    ==
        """,
        {"a": (100, 100), "b": (0, 0)},
    ),
    "a root that took no time": (
        """
        a    : |
        b <a : ===
        """,
        {"a": (0, 0), "b": (30, 0)},
    ),
    "recursion: a service calls itself": (
        """
        a name=f    : ========
        b <a name=f :  ======
        c <b name=f :   ====
        """,
        {"a": (20, 20), "b": (20, 20), "c": (40, 40)},
    ),
    "a cycle of parents is cut at its earliest span": (
        """
        a <c : ==========
        b <a :  =====
        c <b :   ==
        """,
        {"a": (50, 50), "b": (30, 30), "c": (20, 20)},
    ),
    "a span that is its own parent is a root": (
        """
        a <a : ======
        b <a :  ===
        """,
        {"a": (30, 30), "b": (30, 30)},
    ),
    "a cycle beside a root belongs to no root": (
        """
        a    : ======
        b <c :  ===
        c <b :   ===
        """,
        {"a": (60, 60), "b": (10, 0), "c": (30, 0)},
    ),
    "a server whose clock is behind": (
        """
        a    kind=client service=x :   ==========
        b <a kind=server service=y : ======
        """,
        {"a": (40, 40), "b": (60, 60)},
    ),
    "siblings that overlap by a hundredth of their parent are one after the other": (
        """
        a ms=1000   : =
        b <a ms=405 :  =
        c <a ms=500 :                                          =
        """,
        {"a": (100, 95), "b": (405, 405), "c": (500, 500)},
    ),
    "children that end together: the longer one is waited for": (
        """
        a    : ==========
        b <a :   ======
        c <a :     ====
        """,
        {"a": (40, 40), "b": (60, 60), "c": (40, 0)},
    ),
}


@pytest.mark.parametrize(("drawing", "expected"), TOPOLOGIES.values(), ids=TOPOLOGIES.keys())
def test_self_time_and_critical_path(drawing: str, expected: dict, draw: Callable) -> None:
    timed = span_time(draw(drawing))
    found = {row["span_id"]: (row["self_ms"], row["critical_ms"]) for row in timed.iter_rows(named=True)}
    assert found == expected


def test_a_span_of_unknown_duration_has_no_self_time(draw: Callable) -> None:
    spans = draw("a : =====\nb <a : ==").with_columns(
        pl.when(pl.col("span_id") == "a").then("duration_ms").alias("duration_ms")
    )
    assert span_time(spans)["self_ms"].to_list() == [50, None]


def test_a_span_of_unknown_start_is_put_where_its_trace_begins(draw: Callable) -> None:
    spans = draw("a : =====\nb <a : ==").with_columns(
        pl.when(pl.col("span_id") == "a").then("start").alias("start")
    )
    assert span_time(spans)["self_ms"].to_list() == [30, 20]


def test_a_table_without_kinds_services_and_attributes_is_timed_all_the_same(draw: Callable) -> None:
    spans = draw("a : =====\nb <a : ==").select(
        "trace_id", "span_id", "parent_span_id", "start", "duration_ms"
    )
    assert span_time(spans)["self_ms"].to_list() == [30, 20]


def test_what_is_needed_and_missing_is_named() -> None:
    with pytest.raises(SchemaError, match="duration_ms"):
        span_time(pl.DataFrame({"trace_id": ["t"], "span_id": ["a"], "start": [0]}))


def test_no_spans_at_all_take_no_time(draw: Callable) -> None:
    assert span_time(draw("a : =").clear()).select("self_ms", "critical_ms").is_empty()
