"""How unusual a value is for its own kind, and how far a kind's values moved: arrays only.

A change is judged against how that operation varies by itself, and by its size: surprise alone or size
alone ranks worse. The surprise of a value is -ln of the baseline's upper tail, extrapolated
exponentially beyond its 95th percentile; rates are compared by a normal bound on their difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TAIL = 0.95
"""Beyond this quantile a baseline of ordinary size has too few values to count; it is extrapolated."""

KNEE = np.log(1 / (1 - TAIL))
"""The surprise at that quantile."""

SHOULDER = 0.75
"""The tail's decay is told from the quantiles SHOULDER and TAIL, a factor of 5 in the tail's mass apart."""

LEAST_DECAY = 0.12
"""The tail decays by e over 12 % of a value at least, else a steady value is too easily surprising."""

MOST_SURPRISE = 12.0
"""Surprise beyond e^-12 tells nothing more: a thousand times slower is not surer than ten times."""

TRIM = 0.02
"""The highest 2 % of the incident's values are left out: single stalls are no change of level."""

DOUBT = 0.05
"""A change counts by what exceeds its one-sided bound at this level."""

Z = NormalDist().inv_cdf(1 - DOUBT)
"""That bound in standard errors, for a single comparison."""

MOST_DEVIATIONS = 12.0
"""A rank sum further out than this has 75 nats, more than any correction takes away."""

LEAST_VARIANCE = 0.5
"""Surprises of a few baseline values may vary by chance much less than the unit variance they should have."""

DOUBTFUL_TRACES = 2.0
"""n traces count n / (n + 2): three of them are more than half sure, thirty nearly whole."""

LEAST_INCIDENT_TRACES, LEAST_BASELINE_TRACES = 3, 5
"""Fewer say nothing about a level, or about its spread."""

SLOT = 1024.0
"""Width of one key's band when values of all keys are sorted as one array; |ln(ms)| stays far below it."""


@dataclass(frozen=True)
class Sample:
    """Values, one a row: `key` says of what (0 to `keys` - 1), `trace` in which trace it was seen."""

    key: Ints
    trace: Ints
    value: Floats
    keys: int


@dataclass(frozen=True)
class Changes:
    """By key: effect (surprise gained times size), calls in the incident, means before and after."""

    effect: Floats
    calls: Floats
    before: Floats
    after: Floats


def changes(sample: Sample, incident: Bools, baseline: Bools, floor: float, comparisons: int = 1) -> Changes:
    """Return how much each key's values grew from baseline to incident.

    `incident` and `baseline` select rows; `floor` (the unit of `value`) is the size below which a change
    is of no account. Effect = L ln(1 + change / floor), where L is the gain of mean surprise beyond its
    95 % bound, shrunk for few traces. As one of many `comparisons`, L is at most what a rank-sum test
    grants after Bonferroni's correction.
    """
    used = np.flatnonzero(incident | baseline)
    sample = Sample(sample.key[used], sample.trace[used], sample.value[used], sample.keys)
    incident, baseline = incident[used], baseline[used]
    level = np.log(np.maximum(sample.value, 0.0) + floor)
    surprise = surprises(sample.key, level, baseline, sample.keys)
    inside, usual = _without_top(sample.key, level, incident, sample.keys), np.flatnonzero(baseline)
    gained = _means(sample, surprise, inside) - (mean := _means(sample, surprise, usual))
    before, after = _means(sample, sample.value, usual), _means(sample, sample.value, inside)
    variance = np.maximum(_means(sample, (surprise - mean[sample.key]) ** 2, usual), LEAST_VARIANCE)
    n1, n0 = distinct_traces(sample, incident), distinct_traces(sample, baseline)
    error = np.sqrt(variance * (1 / np.maximum(n1, 1) + 1 / np.maximum(n0, 1)))
    known = (n1 >= LEAST_INCIDENT_TRACES) & (n0 >= LEAST_BASELINE_TRACES)
    gain = gained - Z * error
    if comparisons > 1:
        gain = np.minimum(gain, rank_evidence(sample, incident, baseline, n1, n0) - np.log(comparisons))
    sure = np.where(known, np.maximum(gain, 0.0) * n1 / (n1 + DOUBTFUL_TRACES), 0.0)
    return Changes(
        effect=sure * np.log1p(np.maximum(after - before, 0.0) / floor),
        calls=np.bincount(sample.key[incident], minlength=sample.keys).astype(float),
        before=before,
        after=after,
    )


def rank_evidence(sample: Sample, incident: Bools, baseline: Bools, n1: Floats, n0: Floats) -> Floats:
    """Return by key -ln p of the one-sided rank-sum test of incident above baseline (Mann, Whitney 1947).

    `n1` and `n0`, the distinct traces, stand for the sizes: values of one trace are not independent.
    """
    rows = np.flatnonzero(incident | baseline)
    key, value = sample.key[rows], sample.value[rows]
    order = np.lexsort((value, key))
    n = np.bincount(key, minlength=sample.keys)
    rank = np.empty(len(rows))
    rank[order] = np.arange(len(rows)) - (np.cumsum(n) - n)[key[order]] + 1.0
    m1 = np.bincount(key[incident[rows]], minlength=sample.keys)
    m0 = n - m1
    total = np.bincount(key[incident[rows]], weights=rank[incident[rows]], minlength=sample.keys)
    above = np.divide(total - m1 * (m1 + 1) / 2, m1 * m0, out=np.full(sample.keys, 0.5), where=m1 * m0 > 0)
    spread = np.sqrt((n1 + n0 + 1) / (12 * np.maximum(n1, 1) * np.maximum(n0, 1)))
    z = np.minimum((above - 0.5) / spread, MOST_DEVIATIONS)
    return np.array([-log(erfc(deviations / sqrt(2)) / 2) for deviations in z])


def surprises(key: Ints, level: Floats, baseline: Bools, keys: int) -> Floats:
    """Return the surprise of each level against the baseline levels of its key (0 to MOST_SURPRISE)."""
    n = np.bincount(key[baseline], minlength=keys)
    first = np.cumsum(n) - n
    ordered = np.sort(key[baseline] * SLOT + level[baseline])
    below = np.searchsorted(ordered, key * SLOT + level, side="left") - first[key]
    counted = -np.log((n[key] - below + 0.5) / (n[key] + 0.5))
    tail, shoulder = (_quantiles(ordered, first, n, q) for q in (TAIL, SHOULDER))
    decay = np.maximum((tail - shoulder) / np.log((1 - SHOULDER) / (1 - TAIL)), LEAST_DECAY)
    beyond = KNEE + (level - tail[key]) / decay[key]
    surprise = np.where(level > tail[key], beyond, np.minimum(counted, KNEE))
    return np.where(n[key] > 0, np.minimum(surprise, MOST_SURPRISE), 0.0)


@dataclass(frozen=True)
class Counts:
    """By key: how often something happened, of how many times it could, in how many distinct traces."""

    happened: Floats
    of: Floats
    traces: Floats


def rate_changes(before: Counts, after: Counts, comparisons: int = 1) -> Floats:
    """Return by how much each rate surely rose, as one of `comparisons`, shrunk for few traces.

    The bound rests on the number of traces, for what happens twice in one trace is one event; and on rates
    smoothed by half an event, so that none of three is not taken for never.
    """
    error = np.sqrt(_rate_variance(before) + _rate_variance(after))
    rise = after.happened / np.maximum(after.of, 1) - before.happened / np.maximum(before.of, 1)
    bound = NormalDist().inv_cdf(1 - DOUBT / comparisons)
    sure = np.maximum(rise - bound * error, 0.0) * after.traces / (after.traces + DOUBTFUL_TRACES)
    return np.where((after.of > 0) & (before.of > 0), sure, 0.0)


def _rate_variance(counts: Counts) -> Floats:
    rate = (counts.happened + 0.5) / (counts.of + 1)
    variance: Floats = rate * (1 - rate) / np.maximum(counts.traces, 1)
    return variance


def loss_effect(share: Floats, usual_ms: float, floor_ms: float) -> Floats:
    """Return the effect of losing this share of the calls, on the scale of the effects of latency.

    A lost call is as surprising as anything can be and as long as a request usually takes (`usual_ms`).
    """
    effect: Floats = MOST_SURPRISE * share * np.log1p(share * usual_ms / floor_ms)
    return effect


def distinct_traces(sample: Sample, rows: Bools) -> Floats:
    """Return in how many traces each key was seen among the selected rows."""
    width = int(sample.trace.max(initial=0)) + 1
    pairs = np.unique(sample.key[rows] * width + sample.trace[rows])
    return np.bincount(pairs // width, minlength=sample.keys).astype(float)


def _without_top(key: Ints, level: Floats, rows: Bools, keys: int) -> Ints:
    """Return the numbers of the selected rows, without each key's highest TRIM of them."""
    chosen = np.flatnonzero(rows)
    ordered = chosen[np.lexsort((level[chosen], key[chosen]))]
    n = np.bincount(key[chosen], minlength=keys)
    rank = np.arange(len(ordered)) - (np.cumsum(n) - n)[key[ordered]]
    kept: Ints = ordered[rank < (n - np.floor(TRIM * n))[key[ordered]]]
    return kept


def _means(sample: Sample, value: Floats, rows: Ints) -> Floats:
    key = sample.key[rows]
    total = np.bincount(key, weights=value[rows], minlength=sample.keys)
    return total / np.maximum(np.bincount(key, minlength=sample.keys), 1)


def _quantiles(ordered: Floats, first: Ints, n: Ints, q: float) -> Floats:
    """Return the q-quantile of each key's band (interpolated linearly), 0 for an empty one."""
    if not len(ordered):
        return np.zeros(len(n))
    position = q * np.maximum(n - 1, 0)
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    last = len(ordered) - 1
    left, right = ordered[np.minimum(first + low, last)], ordered[np.minimum(first + high, last)]
    value = left + (right - left) * (position - low) - np.arange(len(n)) * SLOT
    return np.where(n > 0, value, 0.0)
