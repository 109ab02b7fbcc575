"""How far the values of each kind moved: arrays only.

A change is judged against how that kind varies by itself, and by its size: surprise alone or size alone
ranks worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from incident_kit.measure.rank_sums import rank_evidence
from incident_kit.measure.samples import DOUBT, DOUBTFUL_TRACES, Bools, Floats, Ordered, Sample
from incident_kit.measure.surprise import surprises

TRIM = 0.02
"""The highest 2 % of the incident's values are left out: single stalls are no change of level."""

Z = NormalDist().inv_cdf(1 - DOUBT)
"""That bound in standard errors, for a single comparison."""

LEAST_VARIANCE = 0.5
"""Surprises of a few baseline values may vary by chance much less than the unit variance they should have."""

LEAST_INCIDENT_TRACES, LEAST_BASELINE_TRACES = 3, 5
"""Fewer say nothing about a level, or about its spread."""


@dataclass(frozen=True)
class Changes:
    """By key: effect (surprise gained times size), calls in the incident, means before and after.

    The means are 0 where ranks, or too few traces, rule any effect out.
    """

    effect: Floats
    calls: Floats
    before: Floats
    after: Floats


def changes(sample: Sample, incident: Bools, baseline: Bools, comparisons: int = 1) -> Changes:
    """Return how much each key's values grew from baseline to incident.

    `incident` and `baseline` select rows. Effect = L ln(1 + change / floor), where L is the gain of mean
    surprise beyond its 95 % bound, shrunk for few traces. As one of many `comparisons`, L is at most what
    a rank-sum test grants after Bonferroni's correction.
    """
    observed = sample.among(incident | baseline)
    during, usual = incident[observed.rows], baseline[observed.rows]
    n1, n0, calls = sample.traces(incident), sample.traces(baseline), observed.count(during)
    granted = np.where((n1 >= LEAST_INCIDENT_TRACES) & (n0 >= LEAST_BASELINE_TRACES), np.inf, 0.0)
    if comparisons > 1:
        granted = np.minimum(granted, rank_evidence(observed, during, n1, n0) - np.log(comparisons))
    # Of stretches that are alike nearly all ends here; ranks and means cost less than surprises.
    observed, during, usual = _of_keys(granted > 0, observed, during, usual)
    inside = _without_top(observed, during)
    before, after = observed.means(observed.value, usual), observed.means(observed.value, inside)
    gained = _gained(*_of_keys(after > before, observed, inside, usual), n1, n0)
    sure = np.maximum(np.minimum(gained, granted), 0.0) * n1 / (n1 + DOUBTFUL_TRACES)
    return Changes(
        effect=sure * np.log1p(np.maximum(after - before, 0.0) / sample.floor),
        calls=calls,
        before=before,
        after=after,
    )


def _of_keys(keys: Bools, observed: Ordered, one: Bools, other: Bools) -> tuple[Ordered, Bools, Bools]:
    """Return the observations of some keys, with two choices among them."""
    rows = keys[observed.key]
    return observed.where(rows), one[rows], other[rows]


def _gained(observed: Ordered, incident: Bools, baseline: Bools, n1: Floats, n0: Floats) -> Floats:
    """Return by key the gain of mean surprise beyond its bound, of `n1` traces against `n0`."""
    surprise = surprises(observed, baseline)
    mean = observed.means(surprise, baseline)
    spread = observed.means((surprise - mean[observed.key]) ** 2, baseline)
    error = np.sqrt(np.maximum(spread, LEAST_VARIANCE) * (1 / np.maximum(n1, 1) + 1 / np.maximum(n0, 1)))
    gained: Floats = observed.means(surprise, incident) - mean - Z * error
    return gained


def _without_top(observed: Ordered, chosen: Bools) -> Bools:
    """Return the chosen rows without each key's highest TRIM of them."""
    n = observed.count(chosen)
    rank = np.cumsum(chosen) - (np.cumsum(n) - n)[observed.key]
    kept: Bools = chosen & (rank <= (n - np.floor(TRIM * n))[observed.key])
    return kept
