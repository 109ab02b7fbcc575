"""The baseline: the stretch of time that an incident is compared with."""

from __future__ import annotations

from collections.abc import Sequence

from incident_kit.diagnosis.detection.series import Series
from incident_kit.diagnosis.detection.usual_share import DAY_S
from incident_kit.measure.arrays.runs import covered, true_runs
from incident_kit.window import Window

LONGEST_S = 3_600
SHORTEST_S = 60
"""A baseline lasts an hour at most, because traffic drifts, and a minute at least if there is one."""


def choose_baseline(series: Series, incident: Window, excluded: Sequence[Window]) -> Window:
    """Choose the stretch that an incident is compared with, outside the `excluded` windows.

    An incident longer than an hour is compared with the same hours of an earlier day, the last one that was
    healthy then; one longer than a day with as many days. Otherwise the baseline is up to an hour right
    before it, or else the nearest healthy stretch that is long enough.
    """
    healthy = ~covered([series.run(window) for window in [*excluded, incident]], len(series.bad))
    start, end = series.run(incident)
    day, longest = DAY_S // series.bucket_s, max(1, LONGEST_S // series.bucket_s)
    earlier = range(-(-(end - start) // day) * day, start + 1, day) if end - start > longest else ()
    for back in earlier:
        if healthy[start - back : end - back].all():
            return series.window((start - back, end - back))
    runs = true_runs(healthy)
    if not runs:
        return series.window((0, max(start, 1)))
    # A stretch of less than a minute right before says less than a longer one further away.
    enough = [run for run in runs if (run[1] - run[0]) * series.bucket_s >= SHORTEST_S] or runs
    before = [run for run in enough if run[1] <= start]
    a, b = before[-1] if before else enough[0]
    return series.window((max(a, b - longest), b) if before else (a, min(b, a + longest)))
