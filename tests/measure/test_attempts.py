"""Of several attempts upstream, one is to blame for what a request became."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from incident_kit.measure.requests.attempts import attempts, blamed_attempt, may_have_several
from incident_kit.schema import REQUESTS, conform


def tried(addr: str | None, status: int | None, ms: float | None) -> dict[str, Any]:
    return {"addr": addr, "status": status, "ms": ms}


def request(listed: Any) -> pl.DataFrame:
    row = {"extra": json.dumps({"attempts": listed}), "upstream_addr": "last", "upstream_attempts": 2}
    return conform(pl.DataFrame([row]), REQUESTS)


@pytest.mark.parametrize(
    ("listed", "blamed"),
    [
        ([tried("a", 502, 3.0), tried("b", 200, 400.0)], "a"),
        ([tried("a", None, None), tried("b", 200, 20.0)], "a"),
        ([tried("a", 404, 20.0), tried("b", 503, 1e-3), tried("c", 500, 1.0)], "b"),
        ([tried("a", 404, 900.0), tried("b", 200, 20.0)], "a"),
        ([tried("a", 404, None), tried("b", 200, 20.0)], "b"),
        ([tried(None, 502, 3.0), tried("b", 200, 20.0)], None),
    ],
)
def test_of_several_attempts_the_first_that_failed_is_to_blame_or_else_the_longest(
    listed: list[dict[str, Any]], blamed: str | None
) -> None:
    assert request(listed).select(attempts()).item().to_list() == listed
    assert request(listed).select(**blamed_attempt())["upstream_addr"].item() == blamed


@pytest.mark.parametrize(
    "own", [3, "two", [1, 2], {"a": 1}, [tried("x", 1, 2.0) | {"status": "gone"}], [], None]
)
def test_a_log_may_call_a_field_of_its_own_attempts(own: Any) -> None:
    assert request(own).select(attempts()).item() is None
    assert request(own).select(**blamed_attempt())["upstream_addr"].item() == "last"


def test_a_request_that_was_tried_once_is_owed_to_its_upstream() -> None:
    once = conform(pl.DataFrame({"upstream_addr": ["a"]}), REQUESTS)
    assert once.select(**blamed_attempt())["upstream_addr"].item() == "a"


@pytest.mark.parametrize(
    ("requests", "may"),
    [
        (request([tried("a", 502, 3.0), tried("b", 200, 20.0)]), True),
        (conform(pl.DataFrame({"extra": ['{"retries":1}', None]}), REQUESTS), False),
    ],
)
def test_whether_any_request_was_tried_again_is_soon_known(requests: pl.DataFrame, may: bool) -> None:
    assert may_have_several(requests) is may
