"""What failed spans say of their failure, by whatever names their attributes have."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from incident_kit.measure.calls.failure_messages import failure_messages
from incident_kit.schema import SPANS, conform

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def span(
    own: str, parent: str | None, service: str, attributes: dict[str, str], **said: Any
) -> dict[str, Any]:
    return {
        "trace_id": "t", "span_id": own, "parent_span_id": parent, "service": service, "start": NOON,
        "duration_ms": 1.0, "status": "error", "attributes": json.dumps(attributes),
    } | said  # fmt: skip


def messages(*spans: dict[str, Any]) -> list[tuple[str | None, ...]]:
    frame = conform(pl.DataFrame(spans, infer_schema_length=None), SPANS)
    return failure_messages(frame).select("service", "callee", "message").rows()


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"exception.type": "KeyError", "exception.message": "'sku'"}, "KeyError: 'sku'"),
        (
            {"exception.type": "a.b.TimeoutError", "exception.message": "TimeoutError: 2 s"},
            "TimeoutError: 2 s",
        ),
        ({"exception.message": "first line\n  at cart.py:7"}, "first line"),
        ({"otel.status_description": "no answer", "error.type": "504"}, "no answer"),
        ({"error.type": "timeout"}, "timeout"),
        ({"error.kind": "IOError", "error.message": "disk"}, "IOError: disk"),
        ({"error.class": "java.io.IOException"}, "java.io.IOException"),
        ({"/error/name": "E", "/error/message": "of Google"}, "E: of Google"),
        ({"grpc.error_message": "of gRPC"}, "of gRPC"),
        ({"error": "of Zipkin"}, "of Zipkin"),
        ({"error": "true"}, None),
        ({"error.type": "500"}, None),
        ({"error.type": "_OTHER", "exception.message": ""}, None),
        ({"http.route": "/error"}, None),
        ({}, None),
    ],
)
def test_the_first_line_of_a_message_is_told_with_its_type(
    attributes: dict[str, str], message: str | None
) -> None:
    assert messages(span("a", None, "shop", attributes)) == [("shop" if message else None, None, message)]


def test_the_deepest_span_that_says_anything_is_heard() -> None:
    said, silent = {"error": "refused"}, {"http.route": "/"}
    chain = [
        span("a", None, "web", {"error": "cart failed"}),
        span("b", "a", "cart", said, kind="client", peer="redis"),
        span("c", "b", "redis", silent),
    ]
    assert messages(*chain) == [("cart", "redis", "refused")]


def test_of_spans_beside_each_other_each_is_heard_and_of_repetitions_one() -> None:
    twice = [span(own, "a", "web", {"error": "tried"}, kind="client", peer="stock") for own in "bc"]
    other = span("d", "a", "web", {"error": "declined"}, kind="client", peer="pay")
    assert messages(span("a", None, "web", {}), *twice, other) == [
        ("web", "stock", "tried"),
        ("web", "pay", "declined"),
    ]


def test_what_a_span_says_that_did_not_fail_or_whose_request_did_not_fail_is_not_heard() -> None:
    handled = span("b", "a", "cart", {"error": "tried again"})
    assert messages(span("a", None, "web", {}, status="ok"), handled) == []
    fine = span("b", "a", "cart", {"exception.message": "caught"}, status="ok")
    assert messages(span("a", None, "web", {}), fine) == [(None, None, None)]
