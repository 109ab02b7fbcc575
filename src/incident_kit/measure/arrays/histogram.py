"""The exponential histogram of OpenTelemetry: bucket index, quantiles, coarser scales. Works on arrays only.

Bucket `i` at scale `s` holds the values in (2^(i / 2^s), 2^((i + 1) / 2^s)]. At scale 6 a bucket is 1.1 %
wide, so a quantile is off by at most half of that. Histograms are merged by adding their counts. Lowering the
scale by one merges buckets in pairs, exactly. For example, 100 ms lies in bucket 425 at scale 6, which holds
(99.8, 100.9] ms, and in bucket 212 at scale 5.

Source: OpenTelemetry metrics data model, "ExponentialHistogram"; Masson, Rim, Lee: DDSketch, VLDB 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from incident_kit.measure.arrays.array_types import Floats

SCALE = 6
"""2^6 buckets for each doubling: 1.1 % wide, some 900 buckets between 10 µs and 3 minutes."""

ZERO = -(2**20)
"""Index for values that are not above zero. Servers write 0.000 for requests under a millisecond."""

Integers = npt.NDArray[np.integer]


def bucket_index(values: npt.ArrayLike, scale: int = SCALE) -> npt.NDArray[np.int32]:
    """Return the bucket of each value; `ZERO` for values that are not above zero."""
    values = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.ceil(np.log2(values) * 2**scale) - 1
    return np.where(values > 0, index, ZERO).astype(np.int32)


def upper_bound(index: npt.ArrayLike, scale: int = SCALE) -> Floats:
    """Return the largest value that each bucket holds."""
    index = np.asarray(index)
    bound: Floats = np.where(index == ZERO, 0.0, np.exp2((np.maximum(index, -(2**15)) + 1) / 2**scale))
    return bound


def coarser(index: npt.ArrayLike, steps: int = 1) -> npt.NDArray[np.int32]:
    """Return each bucket's index at a scale that is lower by `steps`. Counts merged that way are exact."""
    index = np.asarray(index, dtype=np.int32)
    return np.where(index == ZERO, ZERO, index >> steps).astype(np.int32)


def quantiles(group: Integers, index: Integers, counts: npt.ArrayLike, at: Sequence[npt.ArrayLike]) -> Floats:
    """Return the quantiles of many histograms at once, shape (groups, quantiles); NaN for an empty histogram.

    Parameters
    ----------
    group, index, counts
        One entry for each non-empty bucket: the histogram (0, 1, 2 ...), the bucket, the number of values.
    at
        The quantiles, each between 0 and 1, or an array with one for each histogram. The value is
        interpolated geometrically within its bucket.
    """
    counts = np.asarray(counts, dtype=np.float64)
    groups = int(group.max()) + 1 if len(group) else 0
    order = np.lexsort((index, group))
    group, index, counts = group[order], index[order], counts[order]
    upto = np.cumsum(counts)
    total = np.bincount(group, weights=counts, minlength=groups)
    before = np.cumsum(total) - total
    found = np.full((groups, len(at)), np.nan)
    for column, q in enumerate(at):
        wanted = before + np.asarray(q) * total
        place = np.minimum(np.searchsorted(upto, wanted, side="left"), len(upto) - 1)
        # The first value of a histogram (q = 0) must not fall into the preceding histogram.
        place = np.maximum(place, np.searchsorted(group, np.arange(groups)))
        within = np.clip((wanted - (upto[place] - counts[place])) / np.maximum(counts[place], 1e-12), 0, 1)
        value = upper_bound(index[place]) * np.exp2((within - 1) / 2**SCALE)
        found[:, column] = np.where(total > 0, value, np.nan)
    return found


def quantile(index: Integers, counts: npt.ArrayLike, q: float) -> float:
    """Return one quantile of one histogram; NaN if it is empty."""
    if not np.sum(counts):
        return float("nan")
    one = np.zeros(len(index), dtype=np.int64)
    return float(quantiles(one, np.asarray(index), counts, (q,))[0, 0])
