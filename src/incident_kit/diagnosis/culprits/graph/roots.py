"""The outcome of each trace: its root's operation, how long it took, and whether it failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from incident_kit.diagnosis.culprits.graph.windowed_traces import WindowedTraces
from incident_kit.measure.arrays.array_types import Bools, Floats, Ints
from incident_kit.measure.arrays.rate_changes import occurrences, rate_changes
from incident_kit.measure.arrays.samples import Groups
from incident_kit.measure.arrays.stretches import Stretches
from incident_kit.measure.calls.segments import Segments


@dataclass(frozen=True)
class Roots:
    """By trace: the number of the root's operation, its duration in ms, and whether it failed.

    A trace without a root took no time and did not fail.
    """

    operation: Ints
    duration: Floats
    failed: Bools


def trace_roots(found: Segments, traces: WindowedTraces) -> Roots:
    """Return the outcome of the first root of every trace."""
    segments = found.segments
    rooted = np.flatnonzero(segments.root)
    trace = segments.trace[rooted]
    rooted, trace = rooted[::-1], trace[::-1]  # of several roots the first one is written last, and stays
    name = pl.concat_str("service", "operation", separator=" ", ignore_nulls=True)
    number = found.operations.select(name.rank("dense").cast(pl.Int64)).to_series().to_numpy()
    size = len(traces.begin)
    operation, duration, failed = np.zeros(size, np.int64), np.zeros(size), np.zeros(size, dtype=bool)
    operation[trace], duration[trace] = number[segments.kind[rooted]], segments.duration_ms[rooted]
    failed[trace] = segments.failed[rooted]
    return Roots(operation, duration, failed)


def failures_rise(roots: Roots, traces: WindowedTraces, comparisons: int = 1) -> float:
    """Return the certain part of the rise of the share of failed traces, as one of `comparisons`."""
    everything = Groups(np.zeros_like(roots.operation), np.arange(len(roots.operation)), 1)
    failed = occurrences(everything, roots.failed, Stretches(traces.incident.astype(np.int64), 2))
    before, after = (failed.within(np.array(side)) for side in ([True, False], [False, True]))
    return float(rate_changes(before, after, comparisons)[0])
