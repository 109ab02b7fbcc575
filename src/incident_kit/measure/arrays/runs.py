"""Runs of buckets in which a flag is true: find them, mark them, join those close together. Arrays only."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from incident_kit.measure.arrays.array_types import Bools


def true_runs(flags: Bools) -> list[tuple[int, int]]:
    """Return the runs of true values as half-open intervals of indices."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def covered(runs: Iterable[tuple[int, int]], size: int) -> Bools:
    """Return which of `size` buckets lie in any of the runs."""
    flags = np.zeros(size, dtype=bool)
    for start, end in runs:
        flags[start:end] = True
    return flags


def join_runs(runs: list[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the runs, joined where fewer than `gap` buckets lie between them."""
    result: list[tuple[int, int]] = []
    for start, end in runs:
        if result and start - result[-1][1] < gap:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
