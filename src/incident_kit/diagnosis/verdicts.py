"""Judge whether the targets held, each with its interval.

A target that cannot be judged is "not enough data", never "met".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from incident_kit.diagnosis.detection.coarse_clock import is_coarse
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.histogram import quantile
from incident_kit.measure.arrays.intervals import share_interval, wilson
from incident_kit.measure.indicators.bad_requests import bad_counts
from incident_kit.measure.indicators.bad_requests import total as count
from incident_kit.measure.indicators.error_budget import PERIOD_S
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.measure.rollups.tables import floor_time
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

PERIOD = timedelta(seconds=PERIOD_S)
MET, BREACHED, UNKNOWN = "met", "breached", "not enough data"
FEWEST_BAD = 3
"""A minute is bad if it has this many bad requests; a single error in a quiet minute is not downtime."""

SCHEMA = {
    "target": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "objective": pl.Float64,
    "verdict": pl.String,
}


def verdicts(rollup: Rollup, targets: Targets, incidents: Sequence[Incident] = ()) -> pl.DataFrame:
    """Judge a log against the targets.

    Returns
    -------
    pl.DataFrame
        [target, value, low, high, objective, verdict]: `latency` (share of valid requests at or under the
        target), `latency_quantile` (that quantile, in ms), `error_rate`, `availability` (share of good
        requests), `bad_minutes` (minutes of the last 30 days), and where there is an incident `recovery`
        (seconds, of the longest one). Values are null where nothing was measured.
    """
    rows = [
        *_latency(rollup, targets),
        _error_rate(rollup, targets),
        _availability(rollup, targets, incidents),
        _bad_minutes(rollup, targets, incidents),
        *recovery(incidents, targets),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


Row = tuple[str, float | None, float, float, float, str]


def recovery(incidents: Sequence[Incident], targets: Targets) -> list[Row]:
    """Judge the longest incident's duration, a lower bound if it is not over or began before the log."""
    incidents = [one for one in incidents if one.worse]
    if not incidents:
        return []
    longest = max(incident.recovery_s for incident in incidents)
    cut_off = any(one.end is None or one.began_before or one.goes_on for one in incidents)
    verdict = BREACHED if longest > targets.recovery_s else UNKNOWN if cut_off else MET
    return [("recovery", longest, longest, float("inf") if cut_off else longest, targets.recovery_s, verdict)]


def _latency(rollup: Rollup, targets: Targets) -> list[Row]:
    """Judge the share of requests in time, and the latency quantile.

    With two units of duration, both are unknown. A coarse clock gives only the best possible value of each.
    """
    share, quantile_ = _good_share("latency", rollup, targets.latency), _latency_quantile(rollup, targets)
    if rollup.unit_change is not None:
        most, least = 1.0, 0.0
    elif share[-1] != BREACHED and is_coarse(rollup, targets.latency_ms):
        most, least = share[3], quantile_[2]
    else:
        return [share, quantile_]
    return [
        (share[0], None, 0.0, most, share[4], UNKNOWN),
        (quantile_[0], None, least, float("inf"), quantile_[4], UNKNOWN),
    ]


def _counts(rollup: Rollup, slo: Slo) -> pl.DataFrame:
    """Count valid and bad requests over time; none if no status tells that a request went well."""
    counts = bad_counts(rollup, slo, by=())
    told = slo.indicator == "latency" or rollup.counts["status"].count()
    return counts if told else counts.clear()


def _good_share(name: str, rollup: Rollup, slo: Slo) -> Row:
    total, bad = count(_counts(rollup, slo))
    low, high = (1 - bound for bound in reversed(share_interval(bad, total)))
    verdict = BREACHED if high < slo.objective else MET if low >= slo.objective else UNKNOWN
    return name, 1 - bad / total if total else None, low, high, slo.objective, verdict


def _availability(rollup: Rollup, targets: Targets, incidents: Sequence[Incident]) -> Row:
    """Judge the share of good requests.

    Requests that never arrived may have been refused. So the verdict is "met" only if it holds with all of
    them counted as bad.
    """
    name, value, low, high, objective, verdict = _good_share("availability", rollup, targets.available)
    missing = sum(one.bad for one in incidents if one.kind == "outage")
    if missing and verdict == MET:
        total, bad = count(_counts(rollup, targets.available))
        low = 1 - share_interval(bad + missing, total + missing)[1]
        verdict = MET if low >= objective else UNKNOWN
    return name, value, low, high, objective, verdict


def _error_rate(rollup: Rollup, targets: Targets) -> Row:
    total, bad = count(_counts(rollup, targets.errors))
    low, high = share_interval(bad, total)
    verdict = _at_most(low, high, targets.error_rate)
    return "error_rate", bad / total if total else None, low, high, targets.error_rate, verdict


def _latency_quantile(rollup: Rollup, targets: Targets) -> Row:
    """Judge the quantile; its interval is given by the quantiles at the Wilson bounds of its own rank."""
    table = rollup.latency.group_by("bucket").agg(pl.col("requests").sum())
    buckets, counts = table["bucket"].to_numpy(), table["requests"].to_numpy()
    total = int(counts.sum())
    if not total:
        return "latency_quantile", None, 0.0, float("inf"), targets.latency_ms, UNKNOWN
    q = targets.latency_quantile
    ranks = (q, *share_interval(q * total, total))
    value, low, high = (quantile(buckets, counts, rank) for rank in ranks)
    # The verdict is that of the share under the target, which is counted exactly, so the two cannot disagree.
    verdict = _good_share("", rollup, targets.latency)[-1]
    return "latency_quantile", value, low, high, targets.latency_ms, verdict


def _bad_minutes(rollup: Rollup, targets: Targets, incidents: Sequence[Incident]) -> Row:
    """Judge the minutes of the last 30 days in which the service was down by the budget of those days.

    A promise about 30 days is broken as soon as the whole budget is used, and kept only once the days are
    over. A shorter log gives only a lower bound of the minutes.
    """
    if rollup.window is None:
        return "bad_minutes", None, 0.0, float("inf"), _budget_minutes(targets), UNKNOWN
    period = Window(rollup.window.end - PERIOD, rollup.window.end)
    counts = _counts(rollup, targets.available).filter(period.covers("time"))
    minutes = counts.group_by(floor_time("time", 60)).agg(pl.col("requests", "bad").sum())
    low, _ = wilson(minutes["bad"].to_numpy(), minutes["requests"].to_numpy())
    down = (low > 1 - targets.availability) & (minutes["bad"].to_numpy() >= FEWEST_BAD)
    # Minutes of an outage have no requests that could be bad, but they are downtime all the same.
    silent = sum(_seconds_since(period.start, one) for one in incidents if one.kind == "outage")
    bad = float(down.sum()) + silent / 60
    most = bad if rollup.window.start <= period.start else float("inf")
    budget = _budget_minutes(targets)
    return "bad_minutes", bad, bad, most, budget, _at_most(bad, most, budget)


def _seconds_since(begin: datetime, outage: Incident) -> float:
    end = outage.start + timedelta(seconds=outage.recovery_s)
    return max(0.0, (end - max(begin, outage.start)).total_seconds())


def _budget_minutes(targets: Targets) -> float:
    return (1 - targets.availability) * PERIOD.total_seconds() / 60


def _at_most(low: float, high: float, most: float) -> str:
    return BREACHED if low > most else MET if high <= most else UNKNOWN
