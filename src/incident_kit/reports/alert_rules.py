"""The targets as alerts: a Prometheus rules file and an OpenSLO document.

The rules are the multiwindow, multi-burn-rate alerts of The Site Reliability Workbook, chapter 5, the ones
that `measure.error_budget.backtest` tries on a log. They count the histogram and the counters that
OpenTelemetry's semantic conventions name, as the collector's Prometheus exporter writes them.
"""

from __future__ import annotations

from typing import Any

from incident_kit.measure.error_budget import PERIOD_S, WORKBOOK, BurnAlert
from incident_kit.slo import Slo, Targets
from incident_kit.wording import percent

DURATION = "http_server_request_duration_seconds"
RUNBOOK = "Run `incident-kit diagnose` on the log of the last hours, and on the traces if there are any."


def prometheus_rules(targets: Targets) -> dict[str, Any]:
    """Return a Prometheus rules file for the targets: one group a promise, one rule a burn-rate alert."""
    promises = (targets.errors, targets.latency)
    return {"groups": [_group(slo) for slo in promises]}


def openslo(targets: Targets, service: str) -> list[dict[str, Any]]:
    """Return OpenSLO v1 documents for the targets of a service."""
    return [_openslo(slo, service) for slo in (targets.errors, targets.latency)]


def _group(slo: Slo) -> dict[str, Any]:
    return {"name": f"incident-kit-{slo.indicator}", "rules": [_rule(slo, alert) for alert in WORKBOOK]}


def _rule(slo: Slo, alert: BurnAlert) -> dict[str, Any]:
    limit = f"{alert.rate:g} * {slo.budget:.6g}"
    windows = [_duration(seconds) for seconds in (alert.long_s, alert.short_s)]
    return {
        "alert": f"{slo.indicator.capitalize()}BudgetBurn",
        "expr": " and ".join(f"({_bad_share(slo, window)} > {limit})" for window in windows),
        "labels": {"severity": alert.severity, "indicator": slo.indicator},
        "annotations": {
            "summary": f"{alert.name} is being spent; {percent(slo.objective, 3)} are to be good.",
            "runbook": RUNBOOK,
        },
    }


def _bad_share(slo: Slo, window: str) -> str:
    """Return the PromQL for the share of bad requests within a window."""
    return f"({_bad_rate(slo, window)}) / {_rate(window)}"


def _bad_rate(slo: Slo, window: str) -> str:
    """Return the PromQL for bad requests a second."""
    if slo.indicator == "latency":
        in_time = f'le="{slo.threshold_ms / 1000:g}"'
        return f"{_rate(window)} - {_rate(window, in_time, 'bucket')}"
    return _rate(window, 'http_response_status_code=~"5.."')


def _rate(window: str, labels: str = "", part: str = "count") -> str:
    selector = f"{{{labels}}}" if labels else ""
    return f"sum(rate({DURATION}_{part}{selector}[{window}]))"


def _openslo(slo: Slo, service: str) -> dict[str, Any]:
    name = f"{service}-{slo.indicator}"
    ratio = {"counter": False, "bad": _query(_bad_rate(slo, "5m")), "total": _query(_rate("5m"))}
    return {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": name},
        "spec": {
            "service": service,
            "budgetingMethod": "Occurrences",
            "indicator": {"metadata": {"name": f"{name}-bad"}, "spec": {"ratioMetric": ratio}},
            "objectives": [{"displayName": slo.indicator, "target": round(slo.objective, 6)}],
            "timeWindow": [{"duration": _duration(PERIOD_S), "isRolling": True}],
        },
    }


def _query(query: str) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}


def _duration(seconds: int) -> str:
    """Write seconds in Prometheus' largest whole unit: `5m`, `1h`, `3d`."""
    units = {"d": 86_400, "h": 3_600, "m": 60}
    return next(f"{seconds // size}{unit}" for unit, size in units.items() if not seconds % size)
