"""One trace read against the others, and traces typical of a finding."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.errors import ParameterError
from incident_kit.measure.spans.explain_trace import explain_trace
from incident_kit.measure.spans.typical_traces import typical_traces


def traces(draw: Callable) -> pl.DataFrame:
    """Twenty requests alike, and one whose query takes far longer than it ever does."""
    usual = "\n".join(
        f"a{n} trace=t{n} name=root : ======\nb{n} <a{n} trace=t{n} name=query :  {'=' * (1 + n % 2)}"
        for n in range(20)
    )
    slow = """
    a trace=slow name=root     : ==============
    b <a trace=slow name=query :  ==========
    c <a trace=slow name=new   :            =
    """
    return draw(usual + slow)


def test_the_span_that_is_slower_than_usual_comes_first(draw: Callable) -> None:
    first, *others = explain_trace(traces(draw), "slow").to_dicts()
    assert (first["name"], first["self_ms"], first["usual_self_ms"], first["excess_ms"]) == (
        "query",
        100,
        15,
        85,
    )
    assert (first["usual_low_ms"], first["usual_high_ms"], first["seen"], first["unusual"]) == (
        10,
        20,
        20,
        True,
    )
    assert [other["name"] for other in others] == ["root", "new"]
    assert others[1]["seen"] is None


def test_in_tree_order_it_is_a_waterfall(draw: Callable) -> None:
    rows = explain_trace(traces(draw), "slow").sort("order").select("name", "depth", "begin_ms").rows()
    assert rows == [("root", 0, 0), ("query", 1, 10), ("new", 1, 110)]


def statements(trace: str, find: str, count: str) -> str:
    """Draw a trace with two statements to a database, at these addresses."""
    called = "kind=client peer=mongodb db.system=mongodb server.address"
    return f"""
    a trace={trace} name=root : ======
    b <a trace={trace} name=find {called}={find} :  ==
    c <a trace={trace} name=count {called}={count} :    ==
    """


def test_a_database_bears_the_name_that_all_traces_give_it(draw: Callable) -> None:
    # Both replicas answer the same statements, but not within one trace.
    spans = draw(statements("t1", "10.0.0.1", "10.0.0.2") + statements("t2", "10.0.0.2", "10.0.0.1"))
    assert explain_trace(spans, "t1")["peer"].drop_nulls().unique().to_list() == ["mongodb"]


def test_spans_without_an_id_have_times_too(draw: Callable) -> None:
    nameless = traces(draw).with_columns(span_id=pl.when(pl.col("name") != "new").then("span_id"))
    assert explain_trace(nameless, "slow")["self_ms"].null_count() == 0


def test_a_span_without_a_start_begins_with_its_trace(draw: Callable) -> None:
    unknown = traces(draw).with_columns(start=pl.when(pl.col("name") != "new").then("start"))
    rows = explain_trace(unknown, "slow").sort("order").select("name", "begin_ms").rows()
    assert rows == [("root", 0), ("new", 0), ("query", 10)]


def test_a_trace_is_found_by_its_id_however_it_is_spelt(draw: Callable) -> None:
    spans = traces(draw).with_columns(pl.col("trace_id").replace("slow", f"{0xAB:032x}"))
    assert explain_trace(spans, "AB").height == 3


def test_an_unknown_trace_is_said(draw: Callable) -> None:
    with pytest.raises(ParameterError, match="No span belongs to trace x"):
        explain_trace(traces(draw), "x")
    with pytest.raises(ParameterError, match="None is no trace id"):
        explain_trace(traces(draw), None)  # type: ignore[arg-type]


def test_typical_traces_lie_in_the_middle_of_what_was_found() -> None:
    found = pl.DataFrame({"trace_id": list("abcde"), "duration_ms": [1.0, 10.0, 11.0, 12.0, 9000.0]})
    assert typical_traces(found, "duration_ms", count=3)["trace_id"].to_list() == ["c", "b", "d"]


def test_with_a_template_traces_become_links() -> None:
    found = pl.DataFrame({"trace_id": ["a"], "duration_ms": [1.0]})
    linked = typical_traces(found, "duration_ms", trace_url="https://t.example/trace/{trace_id}")
    assert linked["link"].to_list() == ["https://t.example/trace/a"]
