"""Requests with a known answer, for the tests of measuring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from incident_kit.schema import REQUESTS, conform

START = datetime(2026, 1, 1, 10, tzinfo=UTC)


@pytest.fixture
def make_requests() -> Callable[..., pl.DataFrame]:
    """Return a maker of REQUESTS from rows that say only what matters; `at` is in seconds."""

    def make(*rows: dict[str, Any]) -> pl.DataFrame:
        usual = {
            "method": "GET",
            "route": "/a",
            "path": "/a",
            "status": 200,
            "duration_ms": 10.0,
            "source": "log",
        }
        full = [
            {**usual, "line_number": number, **{k: v for k, v in row.items() if k != "at"},
             "start_time": START + timedelta(seconds=row.get("at", number))}
            for number, row in enumerate(rows, 1)
        ]  # fmt: skip
        return conform(pl.DataFrame(full, infer_schema_length=None), REQUESTS)

    return make
