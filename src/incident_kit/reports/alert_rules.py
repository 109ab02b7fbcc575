"""Write the targets as alerts: a Prometheus rules file and an OpenSLO document.

The rules are the multiwindow, multi-burn-rate alerts of The Site Reliability Workbook, chapter 5, which
`measure.indicators.error_budget` tries on a log. They use the histogram and the counters that OpenTelemetry's
semantic conventions name, spelled as the collector's Prometheus exporter writes them.
"""

from __future__ import annotations

import re
from typing import Any

from incident_kit.errors import ParameterError
from incident_kit.measure.indicators.error_budget import MIN_BAD, PERIOD_S, WORKBOOK, BurnAlert, can_fire
from incident_kit.slo import Slo, Targets
from incident_kit.wording import rate

DURATION = "http_server_request_duration_seconds"
NO_BUCKET_FOR = "15m"
"""How long the bucket at the target may be missing, since a service that just started has no series."""

SERVICE = re.compile(r"[a-z0-9]([-a-z0-9]{0,50}[a-z0-9])?")
"""The names that OpenSLO allows, as Kubernetes does (RFC 1123), with room for a suffix for the indicator."""

RUNBOOK = "Run `incident-kit diagnose` on the log of the last hours, and on the traces if there are any."


def prometheus_rules(targets: Targets) -> dict[str, Any]:
    """Return a Prometheus rules file for the targets: one group an SLO, one rule a burn-rate alert.

    An alert that could not fire even if all requests were bad is left out. One more rule warns when the
    histogram has no bucket that ends at the latency target, because without it no latency alert would ever
    fire.
    """
    groups = [_group(slo) for slo in (targets.errors, targets.latency)]
    groups[-1]["rules"].append(_no_bucket(targets.latency))
    return {"groups": groups}


def openslo(targets: Targets, service: str) -> list[dict[str, Any]]:
    """Return OpenSLO v1 documents for the targets of a service.

    Raises
    ------
    ParameterError
        If OpenSLO does not allow the service's name.
    """
    if not SERVICE.fullmatch(service):
        raise ParameterError(
            f"{service!r} is no name in OpenSLO; give small letters, digits and dashes, such as my-shop."
        )
    return [_openslo(slo, service) for slo in (targets.errors, targets.latency)]


def _group(slo: Slo) -> dict[str, Any]:
    return {
        "name": f"incident-kit-{slo.indicator}",
        "rules": [_rule(slo, alert) for alert in WORKBOOK if can_fire(alert, slo)],
    }


def _rule(slo: Slo, alert: BurnAlert) -> dict[str, Any]:
    limit = f"{alert.rate:g} * {slo.budget:.6g}"
    long, short = (_duration(seconds) for seconds in (alert.long_s, alert.short_s))
    terms = [f"{_bad_share(slo, window)} > {limit}" for window in (long, short)]
    # Prometheus extrapolates rates, so a count is no whole number.
    terms.append(f"({_bad_rate(slo, short)}) * {alert.short_s} > {MIN_BAD - 0.5:g}")
    return {
        "alert": f"{slo.indicator.capitalize()}BudgetBurn",
        "expr": " and ".join(f"({term})" for term in terms),
        "labels": {"severity": alert.severity, "indicator": slo.indicator, "window": long},
        "annotations": {
            "summary": f"{alert.name} is being spent; {rate(slo.objective)} are to be good.",
            "runbook": RUNBOOK,
        },
    }


def _no_bucket(slo: Slo) -> dict[str, Any]:
    seconds = f"{slo.threshold_ms / 1000:g}"
    return {
        "alert": "LatencyBucketMissing",
        "expr": f"count({DURATION}_count) unless count({DURATION}_bucket{{{_in_time(slo)}}})",
        "for": NO_BUCKET_FOR,
        "labels": {"severity": "ticket", "indicator": slo.indicator},
        "annotations": {
            "summary": f"No bucket ends at the target of {seconds} s, so no latency alert can fire.",
            "runbook": f"Give the histogram http.server.request.duration a boundary of {seconds}.",
        },
    }


def _bad_share(slo: Slo, window: str) -> str:
    """Return the PromQL for the share of bad requests within a window."""
    return f"({_bad_rate(slo, window)}) / {_rate(window)}"


def _bad_rate(slo: Slo, window: str) -> str:
    """Return the PromQL for bad requests a second."""
    if slo.indicator == "latency":
        return f"{_rate(window)} - {_rate(window, _in_time(slo), 'bucket')}"
    return _rate(window, 'http_response_status_code=~"5.."')


def _in_time(slo: Slo) -> str:
    """Return the label of the bucket that ends at the threshold; Prometheus 3 writes whole seconds as 1.0."""
    seconds = f"{slo.threshold_ms / 1000:g}"
    return rf'le=~"{seconds}(\\.0)?"' if seconds.isdigit() else f'le="{seconds}"'


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
    """Return seconds in Prometheus' notation, in the largest unit that is whole: `5m`, `1h`, `3d`."""
    units = {"d": 86_400, "h": 3_600, "m": 60}
    return next(f"{seconds // size}{unit}" for unit, size in units.items() if not seconds % size)
