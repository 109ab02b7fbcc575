"""Tell whether instants are too regular to be so by chance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

BY_CHANCE = 0.001
"""Random instants are as regular with less than this chance; with up to ten times this chance, because the
interval is chosen from their own gaps."""

MIN_INSTANTS = 3
"""Fewest instants that can show an interval: any two have one."""


def regular_interval(instants: Sequence[float], resolution: float) -> float | None:
    """Return the interval at which instants recur, in their unit; None if chance may have made them so.

    An instant that was missed leaves a gap of two intervals, so each gap may be a multiple of the shortest.
    At random, the remainder of each gap after the first is uniform between minus and plus half an interval,
    so the chance that all of them are as small as the largest one is a product. `resolution` is how exactly
    the instants are known.
    """
    gaps = [after - before for before, after in pairwise(sorted(instants))]
    if len(gaps) < MIN_INSTANTS - 1 or min(gaps) <= 0:
        return None
    intervals = [round(gap / min(gaps)) for gap in gaps]
    length = median(gap / number for gap, number in zip(gaps, intervals, strict=True))
    off = max(abs(gap - number * length) for gap, number in zip(gaps, intervals, strict=True))
    chance = min(1.0, 2 * (off + resolution) / length) ** (len(gaps) - 1)
    return length if chance < BY_CHANCE else None
