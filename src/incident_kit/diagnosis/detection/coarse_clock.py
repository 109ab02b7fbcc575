"""Recognise logs whose durations say nothing about the latency target: too coarse, or in two units."""

from __future__ import annotations

import polars as pl

from incident_kit.measure.arrays.histogram import ZERO, bucket_index
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo
from incident_kit.wording import clock, milliseconds


def is_coarse(rollup: Rollup, target_ms: float) -> bool:
    """Return whether every duration at or under the target is written as zero.

    This happens with whole seconds (Apache's `%T`): zero then means anything below a second, in time or not.
    """
    longest = int(bucket_index(target_ms))
    quick = rollup.latency.filter(pl.col("bucket") <= longest).select(pl.col("bucket").unique())
    return quick["bucket"].to_list() == [ZERO]


def can_judge(rollup: Rollup, slo: Slo) -> bool:
    """Return whether a log can be judged by an SLO; one with two units of duration cannot by latency."""
    return slo.indicator != "latency" or rollup.unit_change is None


def notes_on_durations(rollup: Rollup, target_ms: float) -> list[str]:
    """Say why a log cannot show which requests were in time, if that is so."""
    if is_coarse(rollup, target_ms):
        step = f"in steps longer than the target of {milliseconds(target_ms)}"
        return [f"Durations are written {step}: zero may be in time or not."]
    if (since := rollup.unit_change) is not None:
        return [
            f"Durations of all endpoints are in another unit since about {clock(since)}, as after a change "
            "of the log's format; latency is not judged. Read the two parts apart, each with its own format."
        ]
    return []
