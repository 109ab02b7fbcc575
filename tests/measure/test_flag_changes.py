"""Which values of feature flags are new, however a span tells a flag."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from incident_kit.measure.calls.flag_changes import flag_changes
from incident_kit.schema import SPANS, conform

START = datetime(2026, 1, 1, tzinfo=UTC)
ELSEWHERE = {"feature_flag.provider.name": "flagd", "feature_flag.result.reason": "default"}


def named(value: str) -> dict[str, str]:
    return {"feature_flag.new_cart": value}


def paired(value: str) -> dict[str, str]:
    return {"feature_flag.key": "new_cart", "feature_flag.result.variant": value}


def paired_of_old(value: str) -> dict[str, str]:
    return {
        "feature_flag.key": "new_cart",
        "feature_flag.variant": value,
        "feature_flag.provider_name": value,
    }


def spans(values: list[str], told: Callable[[str], dict[str, str]]) -> pl.DataFrame:
    """A trace a second, and the value that its service gave to the flag."""
    rows = [
        {
            "trace_id": f"t{second}",
            "span_id": "s",
            "service": "shop",
            "start": START + timedelta(seconds=second),
            "duration_ms": 1.0,
            "attributes": json.dumps(told(value) | ELSEWHERE if value else {}),
        }
        for second, value in enumerate(values)
    ]
    return conform(pl.DataFrame(rows), SPANS)


@pytest.mark.parametrize("told", [named, paired, paired_of_old])
@pytest.mark.parametrize(
    ("values", "new"),
    [
        (["off"] * 20 + ["on"] * 20, [20]),
        (["off"] * 20 + ["on"] * 20 + ["off"] * 20, [20]),  # and back: the old value is not new
        (["off", "off", "on"] * 20, []),  # two groups of users, side by side
        (["off"] * 3 + ["on"] * 20, []),  # three traces are too few to tell
        ([""] * 20 + ["on"] * 20, []),  # nobody asked for the flag before, which tells nothing of it
        (["off"] * 100 + ["off"] * 9 + ["on"] + (["off"] * 9 + ["on"]) * 9, [109]),  # for one in ten
    ],
)
def test_a_value_is_new_if_it_would_have_been_seen_before(
    values: list[str], new: list[int], told: Callable[[str], dict[str, str]]
) -> None:
    changes = flag_changes(spans(values, told))
    assert [(one.service, one.name) for one in changes] == [("shop", "new_cart=on")] * len(new)
    assert [(one.time - START).seconds for one in changes] == new


def test_without_traces_or_flags_nothing_changed() -> None:
    assert flag_changes(None) == []
    assert flag_changes(spans([""] * 20, named)) == []
