"""Which versions are new, and which were there before anybody happened to see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from incident_kit.measure.calls.releases import releases
from incident_kit.schema import SPANS, conform

START = datetime(2026, 1, 1, tzinfo=UTC)


def spans(versions: list[str]) -> pl.DataFrame:
    """A trace a second of three spans each, and the version that answered it."""
    rows = [
        {
            "trace_id": f"t{second}",
            "span_id": f"{number}",
            "service": "shop",
            "start": START + timedelta(seconds=second, milliseconds=number),
            "duration_ms": 1.0,
            "attributes": f'{{"service.version":"{version}"}}',
        }
        for second, version in enumerate(versions)
        for number in range(3)
    ]
    return conform(pl.DataFrame(rows), SPANS)


CANARY = (["1"] * 19 + ["2"]) * 20


@pytest.mark.parametrize(
    ("versions", "new"),
    [
        (["1"] * 20 + ["2"] * 20, ["shop 2"]),
        (["1"] * 3 + ["2"] * 20, []),  # three traces are too few to tell
        (CANARY, []),  # one in twenty, from the beginning
        (["1"] * 200 + CANARY, ["shop 2"]),
        (["1"] * 20 + ["2"] * 20 + ["1"] * 20, ["shop 2"]),  # and back: the old one is not new
    ],
)
def test_a_version_is_new_if_it_would_have_been_seen_before(versions: list[str], new: list[str]) -> None:
    assert [one.name for one in releases(spans(versions))] == new
