"""Measure the error budget: how much is spent, how fast it burns, and which alerts would have fired.

For example, with an objective of 99.9 %, a bad share of 1.44 % burns the budget 14.4 times too fast. One hour
of it spends 2 % of the budget of 30 days.

Source: The Site Reliability Workbook, chapter 5, "Alerting on SLOs": multiwindow, multi-burn-rate alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import polars as pl

from incident_kit.measure.arrays.array_types import Floats, Ints
from incident_kit.measure.arrays.runs import true_runs
from incident_kit.schema import TIME_US
from incident_kit.slo import Slo

PERIOD_S = 30 * 86_400
"""Period of an objective in seconds, as in the workbook."""

MIN_BAD = 3
"""Fewest bad requests in the short window for an alert. A single error on a quiet service does not fire
one.
"""


@dataclass(frozen=True)
class BurnAlert:
    """An alert that fires while the budget burns `rate` times too fast in a long and in a short window."""

    name: str
    severity: str
    rate: float
    long_s: int
    short_s: int


WORKBOOK = (
    BurnAlert("2 % of the budget in 1 h", "page", 14.4, 3_600, 300),
    BurnAlert("5 % of the budget in 6 h", "page", 6.0, 21_600, 1_800),
    BurnAlert("10 % of the budget in 1 d", "ticket", 3.0, 86_400, 7_200),
    BurnAlert("10 % of the budget in 3 d", "ticket", 1.0, 259_200, 21_600),
)

FIRED: Mapping[str, pl.DataType] = {
    "alert": pl.String(),
    "severity": pl.String(),
    "start": TIME_US,
    "end": TIME_US,
    "peak_burn": pl.Float64(),
}


def can_fire(alert: BurnAlert, slo: Slo) -> bool:
    """Return whether an alert can fire at all. The budget burns fastest when every request is bad."""
    return alert.rate * slo.budget < 1


def budget_spent(counts: pl.DataFrame, slo: Slo, seconds: float) -> dict[str, float]:
    """Return how much of the error budget a log spent.

    Parameters
    ----------
    counts
        [time, requests, bad], as `bad_counts(rollup, slo, by=())` returns them.
    seconds
        Length of the counted time.

    Returns
    -------
    dict
        `requests`, `bad`, `allowed` (bad requests that the log's own traffic allows), `burn` (the burn rate;
        at 1 the budget lasts exactly one period), `spent` (the fraction of the budget of `PERIOD_S` that
        is gone if the rest of the period has the same traffic).
    """
    requests, bad = (float(counts[name].sum()) for name in ("requests", "bad"))
    allowed = requests * slo.budget
    burn = bad / allowed if allowed else 0.0
    return {
        "requests": requests,
        "bad": bad,
        "allowed": allowed,
        "burn": burn,
        "spent": burn * min(seconds / PERIOD_S, 1.0),
    }


def burn_rates(counts: pl.DataFrame, slo: Slo, window_s: int) -> pl.DataFrame:
    """Return [time, requests, bad, burn] for the window of `window_s` seconds that ends with each bucket."""
    bucket_s, place, size = _grid(counts)
    sums = [
        _trailing(counts[name].to_numpy(), place, size, max(1, window_s // bucket_s))
        for name in ("requests", "bad")
    ]
    burn = sums[1] / np.maximum(sums[0], 1) / slo.budget
    times = pl.datetime_range(
        counts["time"][0], counts["time"][-1], f"{bucket_s}s", time_zone="UTC", time_unit="us", eager=True
    )
    return pl.DataFrame({"time": times, "requests": sums[0], "bad": sums[1], "burn": burn})


def backtest(counts: pl.DataFrame, slo: Slo) -> pl.DataFrame:
    """Return when each alert of the workbook would have fired: [alert, severity, start, end, peak_burn].

    An alert fires at the end of a bucket when both its windows are above its rate. It stops at the first
    bucket where one window is not.
    """
    rows = []
    for alert in WORKBOOK if counts.height else ():
        windows = [burn_rates(counts, slo, seconds) for seconds in (alert.long_s, alert.short_s)]
        burns = [window["burn"].to_numpy() for window in windows]
        fires = (burns[0] > alert.rate) & (burns[1] > alert.rate) & (windows[1]["bad"].to_numpy() >= MIN_BAD)
        width = timedelta(seconds=_grid(counts)[0])
        times = windows[0]["time"]
        rows += [
            (alert.name, alert.severity, times[a] + width, times[b - 1] + width, float(burns[1][a:b].max()))
            for a, b in true_runs(fires)
        ]
    return pl.DataFrame(rows, schema=FIRED, orient="row").sort("start", "alert")


def _grid(counts: pl.DataFrame) -> tuple[int, Ints, int]:
    """Return the bucket width in seconds, each row's index on an even grid, and the size of the grid."""
    seconds = counts["time"].dt.epoch("s").to_numpy()
    steps = np.diff(np.unique(seconds))
    bucket_s = int(np.gcd.reduce(steps)) if len(steps) else 1
    place = (seconds - seconds[0]) // bucket_s
    return bucket_s, place, int(place[-1]) + 1


def _trailing(values: Ints, place: Ints, size: int, reach: int) -> Floats:
    """Return the sum over the `reach` buckets that end with each bucket."""
    upto = np.concatenate([[0.0], np.cumsum(np.bincount(place, weights=values, minlength=size))])
    ends = np.arange(1, size + 1)
    sums: Floats = upto[ends] - upto[np.maximum(ends - reach, 0)]
    return sums
