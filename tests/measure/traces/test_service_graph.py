"""The service graph: edges, entries, fan-out, cycles, and whose failure harms."""

from collections.abc import Callable

import pytest

from incident_kit.measure.calls.failure_impact import failure_impact
from incident_kit.measure.calls.service_graph import (
    as_networkx,
    call_cycles,
    entry_points,
    fan_out,
    service_graph,
)

SHOP = """
a    service=shop kind=server : ===============
b <a service=shop kind=client name=add : ====
c <b service=cart kind=server :  ==
d <c service=cart kind=client name=SELECT peer=postgresql db.system.name=postgresql :  =
e <a service=shop kind=client name=pay status=error :     ====
f <e service=payments kind=server name=charge status=error :      ==
g <a service=shop kind=client name=pay :          ====
h <g service=payments kind=server name=charge :           ==
"""


def test_an_edge_says_how_often_how_long_and_how_it_fails(draw: Callable) -> None:
    edges = {(edge["caller"], edge["callee"]): edge for edge in service_graph(draw(SHOP)).to_dicts()}
    assert list(edges) == [("shop", "payments"), ("cart", "postgresql"), ("shop", "cart")]
    pay = edges["shop", "payments"]
    assert (pay["calls"], pay["errors"], pay["error_rate"], pay["retries"]) == (2, 1, 0.5, 1)
    assert pay["calls_per_request"] == 2.0
    assert (pay["p50_ms"], pay["gap_p50_ms"]) == (40, 20)
    assert edges["cart", "postgresql"]["kind"] == "database"


def test_where_requests_enter_and_how_far_they_spread(draw: Callable) -> None:
    spans = draw(SHOP)
    assert entry_points(spans).select("service", "name", "requests").rows() == [("shop", "a", 1)]
    assert fan_out(service_graph(spans)).rows() == [("shop", 2, 3.0), ("cart", 1, 1.0)]
    assert fan_out(service_graph(spans).to_pandas()).rows() == [("shop", 2, 3.0), ("cart", 1, 1.0)]


def test_services_that_call_each_other_in_turn_are_a_cycle(draw: Callable) -> None:
    graph = service_graph(
        draw("""
        a    service=x : =======
        b <a service=y :  =====
        c <b service=z :   ===
        d <c service=x :    =
        """)
    )
    assert call_cycles(graph) == [("x", "y", "z")]


def test_the_graph_in_networkx_has_the_table_on_its_edges(draw: Callable) -> None:
    graph = as_networkx(service_graph(draw(SHOP)).lazy())
    assert set(graph.edges) == {("shop", "cart"), ("shop", "payments"), ("cart", "postgresql")}
    assert graph.edges["shop", "payments"]["errors"] == 1


def failing(draw: Callable, *, root_too: bool, times: int) -> dict:
    status = "error" if root_too else "ok"
    drawings = [
        f"a{n}       trace=t{n} service=shop status={status} : =====\n"
        f"b{n} <a{n} trace=t{n} service=cart status=error    :  ==="
        for n in range(times)
    ]
    (row,) = failure_impact(draw("\n".join(drawings))).to_dicts()
    return row


@pytest.mark.parametrize(
    ("root_too", "times", "share", "verdict"),
    [
        (True, 12, 1.0, "single point of failure"),
        (False, 12, 0.0, "fallback at work"),
        (True, 1, 1.0, "not enough data"),
    ],
)
def test_whose_failure_fails_the_request(root_too, times, share, verdict, draw: Callable) -> None:
    row = failing(draw, root_too=root_too, times=times)
    assert (row["service"], row["failures"], row["root_fails"], row["verdict"]) == (
        "cart",
        times,
        share,
        verdict,
    )
    assert row["low"] <= share <= row["high"]


@pytest.mark.parametrize("service", ["cart", "postgresql", "nobody"])
def test_one_service_is_judged_as_it_is_among_all(service: str, draw: Callable) -> None:
    spans = draw(SHOP)
    everyone = failure_impact(spans)
    assert failure_impact(spans, service=service).equals(everyone.filter(service=service))


def test_a_dependency_without_spans_of_its_own_is_judged_by_its_calls(draw: Callable) -> None:
    impact = failure_impact(draw(SHOP))
    assert impact["service"].to_list() == ["payments", "cart", "postgresql"]
    assert impact.filter(service="postgresql").select("kind", "failures", "verdict").row(0) == (
        "database",
        0,
        None,
    )
