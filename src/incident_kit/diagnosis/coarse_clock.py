"""Logs whose durations are written in steps that are longer than the latency target."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.histogram import ZERO, bucket_index
from incident_kit.measure.rollup import Rollup
from incident_kit.wording import milliseconds


def is_coarse(rollup: Rollup, target_ms: float) -> bool:
    """Return whether every duration at or under the target is written as zero.

    Whole seconds (Apache's `%T`) do that: zero is then anything below a second, in time or not.
    """
    longest = int(bucket_index(target_ms))
    quick = rollup.latency.filter(pl.col("bucket") <= longest).select(pl.col("bucket").unique())
    return quick["bucket"].to_list() == [ZERO]


def said_of_clock(rollup: Rollup, target_ms: float) -> list[str]:
    """Say that a log cannot tell who was in time, if that is so."""
    if not is_coarse(rollup, target_ms):
        return []
    target = milliseconds(target_ms)
    return [f"Durations are written in steps longer than the target of {target}: zero may be in time or not."]
