"""How far the values of each kind moved: arrays only.

A change is judged against how that kind varies by itself, and by its size: surprise alone or size alone
ranks worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, log, sqrt
from statistics import NormalDist

import numpy as np

from incident_kit.measure.samples import DOUBT, DOUBTFUL_TRACES, Bools, Floats, Ints, Sample, distinct_traces
from incident_kit.measure.surprise import surprises

TRIM = 0.02
"""The highest 2 % of the incident's values are left out: single stalls are no change of level."""

Z = NormalDist().inv_cdf(1 - DOUBT)
"""That bound in standard errors, for a single comparison."""

MOST_DEVIATIONS = 12.0
"""A rank sum further out than this has 75 nats, more than any correction takes away."""

LEAST_VARIANCE = 0.5
"""Surprises of a few baseline values may vary by chance much less than the unit variance they should have."""

LEAST_INCIDENT_TRACES, LEAST_BASELINE_TRACES = 3, 5
"""Fewer say nothing about a level, or about its spread."""


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
