"""What counts as a request in traces, and what its answer hangs on."""

from collections.abc import Callable

import polars as pl
import pytest

from incident_kit.measure.calls.awaited import awaited
from incident_kit.measure.calls.root_requests import root_requests
from incident_kit.measure.spans.span_tree import span_tree

MESSAGE = """
    a            service=shop   kind=server   : ====
    b <a         service=shop   kind=producer :  =
    c <b         service=mailer kind=consumer :      ==========
    d <c         service=mailer kind=client   :       ===
"""


def test_a_consumer_is_no_request_and_nobody_waits_for_what_it_does(draw: Callable) -> None:
    linked = draw(MESSAGE + "e trace=u service=mailer kind=consumer : ==========")
    assert root_requests(linked)["route"].to_list() == ["a"]
    assert awaited(span_tree(linked)).spans["span_id"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("outlasting", "traces", "awaited_spans"),
    [(20, 20, 40), (0, 20, 60), (8, 20, 60), (19, 19, 57)],
    ids=["all outlast their calls", "all end within", "some callers gave up", "too few to tell"],
)
def test_without_kinds_nobody_waits_for_what_mostly_outlasts_its_call(
    draw: Callable, outlasting: int, traces: int, awaited_spans: int
) -> None:
    drawings = (
        f"a{n} trace=t{n} : =====\nb{n} <a{n} trace=t{n} : ==\n"
        f"c{n} <b{n} trace=t{n} service=mailer : {'=========' if n < outlasting else '='}"
        for n in range(traces)
    )
    unlabelled = draw("\n".join(drawings)).with_columns(name=pl.lit("x"), kind=pl.lit(None, pl.String))
    assert len(awaited(span_tree(unlabelled)).spans) == awaited_spans


def test_where_there_are_only_consumers_they_are_the_requests(draw: Callable) -> None:
    alone = draw("e service=mailer kind=consumer : ====\nf <e service=mailer : ==")
    assert root_requests(alone)["route"].to_list() == ["e"]
    assert awaited(span_tree(alone)).spans["span_id"].to_list() == ["e", "f"]


def test_a_span_that_lost_its_parent_is_no_request_beside_its_root(draw: Callable) -> None:
    beside = draw("a kind=server : ====\nb <lost kind=server : ==")
    assert root_requests(beside)["route"].to_list() == ["a"]
    assert root_requests(draw("b <lost kind=server : =="))["route"].to_list() == ["b"]


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("POST /orders/{id}", ("POST", "/orders/{id}")),
        ("get /orders", ("GET", "/orders")),
        ("GET", ("-", "GET")),
        ("get user by /id", ("-", "get user by /id")),
        ("shop.Cart/Get", ("-", "shop.Cart/Get")),
    ],
)
def test_a_root_without_attributes_is_the_endpoint_that_its_name_tells(
    draw: Callable, name: str, endpoint: tuple[str, str]
) -> None:
    spans = draw("a kind=server : ====").with_columns(name=pl.lit(name))
    assert root_requests(spans).select("method", "route").row(0) == endpoint


def test_of_a_traced_client_the_requests_are_what_is_served_to_it(draw: Callable) -> None:
    load = draw("a service=load kind=client : ====\nb <a kind=server route=/cart service=shop : ==")
    assert root_requests(load)["route"].to_list() == ["/cart"]
    assert len(awaited(span_tree(load)).spans) == 2
    assert root_requests(draw("a service=load kind=client : ===="))["route"].to_list() == ["a"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("", 200),
        ("status=error", 500),
        ("rpc.grpc.status_code=14", 503),
        ("rpc.grpc.status_code=5 status=error", 404),
        ("rpc.response.status_code=DEADLINE_EXCEEDED", 504),
        ("http_status=404 status=error", 404),
    ],
)
def test_the_status_of_a_request_is_what_its_span_says(draw: Callable, said: str, status: int) -> None:
    assert root_requests(draw(f"a kind=server {said} : ===="))["status"].to_list() == [status]
