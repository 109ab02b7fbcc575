"""Find stretches in which fewer requests arrived than before, after and around, from arrivals alone.

Example: 100 requests a second arrive, for a minute only 60, then 100 again. The minute is a drop.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from incident_kit.diagnosis.detection.episode import Episode
from incident_kit.diagnosis.detection.outages import LOOKAROUND_S
from incident_kit.diagnosis.detection.segmentation import SWITCH_COST
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.diagnosis.detection.signals import Signal, Watch
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.change_points import poisson_score, two_states
from incident_kit.measure.arrays.runs import join_runs, true_runs

MAX_REMAINING = 0.65
"""At least a third of the requests is missing; traffic varies by smaller amounts anyway."""

BELOW_OTHERS = 0.75
"""And a quarter fewer arrived than in any other stretch of the same length within half an hour."""

SHORTEST_S = 20
"""Twice the shortest outage, because half of the traffic may pause for a few seconds by chance."""

SAME_LEVEL = 0.75
"""Traffic before and after agrees to within a quarter. If it does not come back, nothing was cut off."""

MIN_BLOCKS = 8
"""Number of blocks of one length that must fit into half an hour before their variation is trusted."""


def traffic_drops(watch: Watch) -> list[Signal]:
    """Find the stretches in which arrivals fell by a third or more and came back, in the order of time.

    Buckets longer than what is looked at around a stretch show none.
    """
    series = watch.series
    if series.bucket_s > LOOKAROUND_S:
        return []
    expected = _running_median(series)
    found = true_runs(two_states(poisson_score(series.requests, expected, expected / 2), SWITCH_COST))
    runs = [run for run in join_runs(found, max(1, SHORTEST_S // series.bucket_s)) if _is_drop(series, run)]
    episodes = [_measured(watch, run) for run in runs]
    return [
        Signal(watch, episode, series.window(episode.run))
        for episode in episodes
        if episode.found_among(len(expected))
    ]


def _measured(watch: Watch, run: Run) -> Episode:
    """Return the evidence that fewer arrived than before and after, corrected for how arrivals vary."""
    (start, end), requests = run, watch.series.requests
    length = end - start
    before, after = (
        requests[max(0, start - LOOKAROUND_S // watch.series.bucket_s) : start],
        requests[end : end + LOOKAROUND_S // watch.series.bucket_s],
    )
    arrived = float(requests[start:end].sum())
    due = float(before[-length:].sum() + after[:length].sum()) / 2
    factor = max(_variation(part, length) for part in (before, after))
    nats = float(poisson_score(np.array(arrived), due, arrived)) / factor
    return Episode(run, due - arrived, (due - arrived) / due / watch.slo.budget, nats, matters=True)


def _variation(requests: Floats, length: int) -> float:
    """Return the overdispersion of arrivals over blocks up to that length, at least 1.

    It is computed from differences of neighbouring blocks, so that a drifting level is no noise (von Neumann
    1941).
    """
    longest = max(1, min(length, len(requests) // MIN_BLOCKS))
    factors = [1.0]
    for block in (2**power for power in range(longest.bit_length())):
        blocks = len(requests) // block
        sums = requests[: blocks * block].reshape(blocks, block).sum(axis=1)
        if blocks > 1 and sums.any():
            factors.append(float((np.diff(sums) ** 2).mean() / 2 / sums.mean()))
    return max(factors)


def _running_median(series: Series) -> Floats:
    """Return the expected arrivals in each bucket: the median of the blocks around it."""
    size, block = len(series.requests), max(1, SHORTEST_S // 2 // series.bucket_s)
    edges = np.arange(0, size, block)
    lengths = np.diff(np.append(edges, size))
    rates = np.add.reduceat(series.requests, edges) / lengths
    around = 2 * max(1, LOOKAROUND_S // (block * series.bucket_s)) + 1
    medians = pl.Series(rates).rolling_median(around, min_samples=1, center=True).to_numpy()
    return np.repeat(medians, lengths)


def _is_drop(series: Series, run: Run) -> bool:
    """Return whether arrivals fell for long enough, came back, and were that few at no other time around."""
    start, end = run
    length = end - start
    if length * series.bucket_s < SHORTEST_S or start < length or len(series.requests) - end < length:
        return False
    arrived = float(series.requests[start:end].sum())
    before, after = (float(series.requests[a : a + length].sum()) for a in (start - length, end))
    reach = LOOKAROUND_S // series.bucket_s
    around = [
        series.requests[max(0, start - reach - length) : start],
        series.requests[end : end + reach + length],
    ]
    least = min(_fewest(part, length) for part in around)
    return (
        arrived <= MAX_REMAINING * min(before, after)
        and min(before, after) >= SAME_LEVEL * max(before, after)
        and arrived <= BELOW_OTHERS * least
    )


def _fewest(requests: Floats, length: int) -> float:
    """Return the number of requests in the stretch of that length that has fewest."""
    upto = np.concatenate([[0.0], np.cumsum(requests)])
    return float((upto[length:] - upto[:-length]).min())
