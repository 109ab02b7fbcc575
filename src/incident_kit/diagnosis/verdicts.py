"""Judge whether the targets held, each with its interval.

A target that cannot be judged is "not enough data", never "met". Example with a target of 0.1 % errors: 240
errors in 200,000 requests are 0.12 % (about 0.11 % to 0.14 %), which is breached. One error in 1,000 requests
(about 0.02 % to 0.6 %) is not enough data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from incident_kit.diagnosis.detection.coarse_clock import is_coarse
from incident_kit.diagnosis.detection.incident import Incident
from incident_kit.measure.arrays.histogram import quantile
from incident_kit.measure.arrays.intervals import share_interval
from incident_kit.measure.indicators.bad_minutes import bad_minutes
from incident_kit.measure.indicators.bad_requests import bad_counts, totals
from incident_kit.measure.indicators.error_budget import PERIOD_S
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Slo, Targets
from incident_kit.window import Window

PERIOD = timedelta(seconds=PERIOD_S)
MET, BREACHED, UNKNOWN = "met", "breached", "not enough data"
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
        *_recovery(incidents, targets),
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


class Row(NamedTuple):
    """One target and its verdict; `value` is null where nothing was measured."""

    target: str
    value: float | None
    low: float
    high: float
    objective: float
    verdict: str


def _recovery(incidents: Sequence[Incident], targets: Targets) -> list[Row]:
    """Judge the longest incident's duration, a lower bound if it is not over or began before the log."""
    incidents = [one for one in incidents if one.worse]
    if not incidents:
        return []
    longest = max(incident.recovery_s for incident in incidents)
    cut_off = any(one.end is None or one.began_before or one.goes_on for one in incidents)
    verdict = BREACHED if longest > targets.recovery_s else UNKNOWN if cut_off else MET
    most = float("inf") if cut_off else longest
    return [Row("recovery", longest, longest, most, targets.recovery_s, verdict)]


def _latency(rollup: Rollup, targets: Targets) -> list[Row]:
    """Judge the share of requests in time, and the latency quantile.

    With two units of duration, both are unknown. A coarse clock gives only the best possible value of each.
    """
    in_time = _good_share("latency", rollup, targets.latency)
    at_quantile = _latency_quantile(rollup, targets, in_time.verdict)
    if rollup.unit_change is not None:
        most, least = 1.0, 0.0
    elif in_time.verdict != BREACHED and is_coarse(rollup, targets.latency_ms):
        most, least = in_time.high, at_quantile.low
    else:
        return [in_time, at_quantile]
    return [
        in_time._replace(value=None, low=0.0, high=most, verdict=UNKNOWN),
        at_quantile._replace(value=None, low=least, high=float("inf"), verdict=UNKNOWN),
    ]


def _counts(rollup: Rollup, slo: Slo) -> pl.DataFrame:
    """Count valid and bad requests over time; none if no status tells that a request went well."""
    counts = bad_counts(rollup, slo, by=())
    is_known = slo.indicator == "latency" or rollup.counts["status"].count()
    return counts if is_known else counts.clear()


def _good_share(name: str, rollup: Rollup, slo: Slo) -> Row:
    requests, bad = totals(_counts(rollup, slo))
    low, high = (1 - bound for bound in reversed(share_interval(bad, requests)))
    verdict = BREACHED if high < slo.objective else MET if low >= slo.objective else UNKNOWN
    return Row(name, 1 - bad / requests if requests else None, low, high, slo.objective, verdict)


def _availability(rollup: Rollup, targets: Targets, incidents: Sequence[Incident]) -> Row:
    """Judge the share of good requests.

    Requests that never arrived may have been refused. So the verdict is "met" only if it holds with all of
    them counted as bad.
    """
    judged = _good_share("availability", rollup, targets.available)
    missing = sum(one.bad for one in incidents if one.kind == "outage")
    if not missing or judged.verdict != MET:
        return judged
    requests, bad = totals(_counts(rollup, targets.available))
    low = 1 - share_interval(bad + missing, requests + missing)[1]
    return judged._replace(low=low, verdict=MET if low >= judged.objective else UNKNOWN)


def _error_rate(rollup: Rollup, targets: Targets) -> Row:
    requests, bad = totals(_counts(rollup, targets.errors))
    low, high = share_interval(bad, requests)
    verdict = _at_most(low, high, targets.error_rate)
    return Row("error_rate", bad / requests if requests else None, low, high, targets.error_rate, verdict)


def _latency_quantile(rollup: Rollup, targets: Targets, verdict: str) -> Row:
    """Measure the quantile; its interval is given by the quantiles at the Wilson bounds of its own rank.

    The verdict is that of the share under the target, which is counted exactly, so the two cannot disagree.
    """
    table = rollup.latency.group_by("bucket").agg(pl.col("requests").sum())
    buckets, counts = table["bucket"].to_numpy(), table["requests"].to_numpy()
    requests = int(counts.sum())
    if not requests:
        return Row("latency_quantile", None, 0.0, float("inf"), targets.latency_ms, UNKNOWN)
    q = targets.latency_quantile
    ranks = (q, *share_interval(q * requests, requests))
    value, low, high = (quantile(buckets, counts, rank) for rank in ranks)
    return Row("latency_quantile", value, low, high, targets.latency_ms, verdict)


def _bad_minutes(rollup: Rollup, targets: Targets, incidents: Sequence[Incident]) -> Row:
    """Judge the minutes of the last 30 days in which the service was down by the budget of those days.

    An objective for 30 days is missed as soon as the whole budget is used, and met only once the days are
    over. A shorter log gives only a lower bound of the minutes.
    """
    budget = targets.available.budget * PERIOD.total_seconds() / 60
    if rollup.window is None:
        return Row("bad_minutes", None, 0.0, float("inf"), budget, UNKNOWN)
    period = Window(rollup.window.end - PERIOD, rollup.window.end)
    counts = _counts(rollup, targets.available).filter(period.covers("time"))
    # Minutes of an outage have no requests that could be bad, but they are downtime all the same.
    silent = sum(_seconds_since(period.start, one) for one in incidents if one.kind == "outage")
    down = bad_minutes(counts, targets.available) + silent / 60
    most = down if rollup.window.start <= period.start else float("inf")
    return Row("bad_minutes", down, down, most, budget, _at_most(down, most, budget))


def _seconds_since(begin: datetime, outage: Incident) -> float:
    end = outage.start + timedelta(seconds=outage.recovery_s)
    return max(0.0, (end - max(begin, outage.start)).total_seconds())


def _at_most(low: float, high: float, most: float) -> str:
    return BREACHED if low > most else MET if high <= most else UNKNOWN
