"""Find where a level began to rise and where it stopped: a step or a slope. Works on arrays only.

The model is flat, then a straight line from a foot to a top, then flat again. If foot and top coincide, it is
a step. All pairs of edges are tried, and weighted least squares fit the two levels. For example, the levels
1, 1, 2, 4, 5, 5 have their foot at edge 2 and their top at edge 4; the levels 1, 1, 1, 5, 5, 5 are a step at
edge 3.

Sources: Hinkley, J. Am. Stat. Assoc. 66 (1971), two-phase regression; Muggeo, Stat. Med. 22 (2003), broken
lines with more than one break.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from incident_kit.measure.arrays.array_types import Floats, Ints

TINY = 1e-12


class Ramp(NamedTuple):
    """Foot and top as edges of buckets, and the evidence for a slope rather than a step in nats."""

    foot: int
    top: int
    evidence: float


def fitted_ramp(level: Floats, weight: Floats) -> Ramp | None:
    """Fit a rising ramp to levels by bucket, weighted by their requests; None if nothing rises.

    The evidence is the log likelihood ratio of the best slope against the best step, with unknown variance:
    half the number of buckets times the log of the step's residual sum of squares divided by the slope's.
    """
    size = len(level)
    foot, top = np.triu_indices(size)
    left = _residuals(level, weight, _shapes(foot, top, size))
    if not np.isfinite(left).any():
        return None
    best = int(np.argmin(left))
    step = left[foot == top].min()
    evidence = size / 2 * float(np.log((step + TINY) / (left[best] + TINY)))
    return Ramp(int(foot[best]), int(top[best]), evidence)


def _shapes(foot: Ints, top: Ints, size: int) -> Floats:
    """Return each ramp's height in the middle of each bucket, from 0 to 1, shape (ramps, buckets)."""
    middle = np.arange(size) + 0.5
    length = np.maximum(top - foot, TINY)
    shapes: Floats = np.clip((middle - foot[:, None]) / length[:, None], 0, 1)
    return shapes


def _residuals(level: Floats, weight: Floats, shapes: Floats) -> Floats:
    """Return the weighted residual sum of squares for each shape; infinite if the level does not rise.

    The result has the shape (ramps,).
    """
    weight = weight / weight.sum()
    x = shapes - (shapes @ weight)[:, None]
    y = level - level @ weight
    along, spread = x @ (weight * y), (x**2) @ weight
    rises = (along > 0) & (spread > TINY)
    explained = np.where(rises, along**2 / np.maximum(spread, TINY), -np.inf)
    left: Floats = weight @ y**2 - explained
    return left
