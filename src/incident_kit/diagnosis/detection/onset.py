"""Find the foot of a slow rise: an incident begins when things start to get worse, not when that is noticed.

Example: the duration rises steadily from 10:00, and at 10:40 enough requests miss the target to be noticed.
The onset is 10:00.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from incident_kit.diagnosis.detection.endpoint_excess import endpoint_excess
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.histogram import SCALE, ZERO
from incident_kit.measure.arrays.ramps import fitted_ramp
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT
from incident_kit.slo import Slo
from incident_kit.window import Window

LOOK_BACK = timedelta(hours=2)
"""A foot is searched up to two hours back; what takes longer to rise is a trend to plan for."""

BLOCKS = 80
"""Number of blocks of time the rise is fitted to; its foot is then known to a minute or two in two hours."""

RAMP_EVIDENCE = 10.0
"""Nats for a slope rather than a step before an onset is moved; a slow edge needs the same."""

SLOPE_BLOCKS = 3
"""A rise over fewer blocks is a step that fell between two of them."""


def with_onset_at_foot(rollup: Rollup, slo: Slo, window: Window, baseline: Window, free: Window) -> Window:
    """Return an incident's window, begun at the foot of the slow rise that led to it, if there was one.

    The foot is searched in the endpoint with most of the extra bad requests, no further back than the
    beginning of `free`, the stretch without another incident. For a latency incident the mean of the
    logarithm of the duration is fitted, because the share above a target begins to rise late.
    """
    searched = Window(max(free.start, window.start - LOOK_BACK), window.end)
    levels = _durations if slo.indicator == "latency" else _bad_shares
    worst = _worst(rollup, slo, window, baseline)
    rows = levels(rollup, slo).join(worst, on=ENDPOINT, how="semi", nulls_equal=True)
    start, block_s, level, weight = _blocks(rows.filter(searched.covers("time")), searched, rollup)
    ramp = fitted_ramp(level, weight) if len(level) > SLOPE_BLOCKS else None
    if ramp is None or ramp.evidence < RAMP_EVIDENCE or ramp.top - ramp.foot < SLOPE_BLOCKS:
        return window
    # A rise that bends, as a logarithm does, would put the foot too far back; its first half is nearly
    # straight.
    half = (ramp.foot + ramp.top + 1) // 2
    ramp = fitted_ramp(level[:half], weight[:half]) or ramp
    foot = searched.start + timedelta(seconds=block_s * int(start[ramp.foot]))
    return Window(min(foot, window.start), window.end)


def _durations(rollup: Rollup, _: Slo) -> pl.DataFrame:
    """Return [time, *endpoint, requests, total] of the logarithm of durations to base 2."""
    rows = rollup.latency.filter(pl.col("bucket") != ZERO)
    return rows.with_columns(total=pl.col("bucket") * pl.col("requests") / 2**SCALE)


def _bad_shares(rollup: Rollup, slo: Slo) -> pl.DataFrame:
    """Return [time, *endpoint, requests, total] of bad requests."""
    return bad_counts(rollup, slo).rename({"bad": "total"})


def _blocks(rows: pl.DataFrame, window: Window, rollup: Rollup) -> tuple[Floats, int, Floats, Floats]:
    """Return each block's number, their length in seconds, their mean level and their requests."""
    bucket_s = rollup.meta.coarse_bucket_s
    block_s = bucket_s * max(1, -(-round(window.seconds) // (BLOCKS * bucket_s)))
    since = (pl.col("time") - window.start).dt.total_seconds() // block_s
    blocks = rows.group_by(since.alias("block")).agg(pl.col("requests", "total").sum()).sort("block")
    number, weight = (blocks[name].to_numpy().astype(np.float64) for name in ("block", "requests"))
    return number, block_s, blocks["total"].to_numpy() / weight, weight


def _worst(rollup: Rollup, slo: Slo, window: Window, baseline: Window) -> pl.DataFrame:
    """Return the endpoint with the most bad requests beyond its usual ones."""
    counts = bad_counts(rollup, slo).drop_nulls("route")
    ranked = endpoint_excess(counts, window.covers("time"), baseline.covers("time"))
    return ranked.sort("excess", *ENDPOINT, descending=[True, False, False]).head(1)
