"""Recognise what comes every day: a stretch with as many bad requests at the same time of most other days.

Example: a backup makes 40 % of the requests slow for ten minutes, some minutes after 2:00. After three days
that is usual then, and an incident only where it is far worse than on the other days.
"""

from __future__ import annotations

import numpy as np

from incident_kit.diagnosis.detection.levels import FOLD, WINDOW_EVIDENCE, least_raised
from incident_kit.diagnosis.detection.series import Run, Series
from incident_kit.diagnosis.detection.usual_share import DAY_S, SEASON_DAYS, middle_day
from incident_kit.measure.arrays.array_types import Floats
from incident_kit.measure.arrays.change_points import binomial_evidence
from incident_kit.slo import Slo

EARLIER_OR_LATER_S = 900
"""A daily job begins up to a quarter of an hour earlier or later: it waits for others, or for its turn."""


def comes_daily(series: Series, slo: Slo, run: Run) -> bool:
    """Return whether a stretch is hardly worse than the same time of at least half of the other days.

    They need to be as bad for half as long, or half as bad: within a factor of two, jobs vary.
    """
    shares = _on_other_days(series, run)
    if len(shares) < SEASON_DAYS - 1:
        return False
    usual = float(middle_day(shares))
    is_worse = series.share(run) >= max(FOLD * usual, float(least_raised(usual, slo)))
    return not (is_worse and binomial_evidence(*series.sums(run), usual) >= WINDOW_EVIDENCE)


def _on_other_days(series: Series, run: Run) -> Floats:
    """Return the greatest share of bad requests, half as long, around the same time of each other day."""
    day, reach = DAY_S // series.bucket_s, EARLIER_OR_LATER_S // series.bucket_s
    size, (start, end) = len(series.bad), run
    half = (end - start + 1) // 2
    bad, requests = (np.concatenate([[0.0], np.cumsum(counts)]) for counts in (series.bad, series.requests))
    moved = np.arange(-reach, end - half - start + reach + 1)
    shares = []
    for back in range(-(start // day) * day, size - start, day) if day else ():
        begins = start + back + moved
        begins = begins[(begins >= 0) & (begins + half <= size)]
        ends = begins + half
        of_day = requests[ends] - requests[begins]
        if back and of_day.any():
            shares.append(((bad[ends] - bad[begins]) / np.maximum(of_day, 1.0)).max())
    return np.array(shares)
