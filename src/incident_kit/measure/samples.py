"""Observations by key and trace, and how much a number of traces is worth: arrays only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DOUBT = 0.05
"""A change counts by what exceeds its one-sided bound at this level."""

DOUBTFUL_TRACES = 2.0
"""n traces count n / (n + 2): three of them are more than half sure, thirty nearly whole."""


@dataclass(frozen=True)
class Sample:
    """Values, one a row: `key` says of what (0 to `keys` - 1), `trace` in which trace it was seen."""

    key: Ints
    trace: Ints
    value: Floats
    keys: int


def distinct(codes: Ints) -> Ints:
    """Return the distinct codes (0 and above) in rising order; sorting them is faster than hashing them."""
    ordered = np.sort(codes)
    return ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]


def distinct_traces(sample: Sample, rows: Bools) -> Floats:
    """Return in how many traces each key was seen among the selected rows."""
    width = int(sample.trace.max(initial=0)) + 1
    pairs = distinct(sample.key[rows] * width + sample.trace[rows])
    return np.bincount(pairs // width, minlength=sample.keys).astype(float)
