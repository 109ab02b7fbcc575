"""The clock of a log and that of its traces are told apart by the requests that are in both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from incident_kit.measure.spans.log_clock import clock_difference, on_the_logs_clock
from incident_kit.schema import REQUESTS, SPANS, conform

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def both(ahead_s: float, *, joined: int = 100, jitter_s: float = 1.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A log whose clock is that much ahead, and the traces of its requests, of two spans each."""
    at = [START + timedelta(seconds=3 * number) for number in range(joined)]
    logged = [one + timedelta(seconds=ahead_s + jitter_s * (n % 3) / 2) for n, one in enumerate(at)]
    ids = [f"t{number}" for number in range(joined)]
    log = pl.DataFrame({"trace_id": [*ids, None], "start_time": [*logged, START]})
    spans = pl.DataFrame(
        {
            "trace_id": ids * 2,
            "span_id": ["a"] * joined + ["b"] * joined,
            "start": at + [one + timedelta(seconds=2) for one in at],
            "duration_ms": 10.0,
        }
    )
    return conform(log, REQUESTS), conform(spans, SPANS)


@pytest.mark.parametrize("ahead_s", [300, -300, 7200, 20])
def test_clocks_that_are_apart_are_put_together_and_that_is_said(ahead_s: float) -> None:
    log, spans = both(ahead_s)
    moved, said = on_the_logs_clock(log, spans)
    assert abs((moved["start"] - spans["start"]).max().total_seconds() - ahead_s) <= 1  # type: ignore[union-attr]
    assert f"{'ahead of' if ahead_s > 0 else 'behind'} that of the traces" in said[0]
    assert clock_difference(log, moved) is None


@pytest.mark.parametrize(
    ("ahead_s", "how"),
    [(0, {}), (2, {}), (300, {"joined": 19}), (300, {"jitter_s": 600.0})],
    ids=["together", "rounded", "too few", "ids that come again"],
)
def test_what_proves_no_difference_moves_nothing(ahead_s: float, how: dict[str, float]) -> None:
    log, spans = both(ahead_s, **how)  # type: ignore[arg-type]
    moved, said = on_the_logs_clock(log, spans)
    assert moved.equals(spans)
    assert said == []
