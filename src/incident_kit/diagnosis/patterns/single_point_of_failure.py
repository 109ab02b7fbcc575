"""Pattern: one dependency whose failure nearly always fails the request."""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.calls.calls import calls_table
from incident_kit.measure.calls.failure_impact import failure_impact


def find(case: Case) -> Finding | None:
    """Return the finding that a failing dependency had no fallback in an incident of errors."""
    row = _without_fallback(case)
    if row is None:
        return None
    share = wording.share_with_interval(row["root_fails"], row["low"], row["high"])
    failed = wording.count(row["failures"], "request")
    return Finding(
        id="single-point-of-failure",
        priority="reliability",
        claim=f"When {row['service']} fails, the request fails: there is no way around it.",
        evidence=f"Of the {failed} in which it failed, {share} failed too.",
        change=f"Answer without {row['service']} where that is possible (from a cache, by default, later), "
        "and run more than one of it behind health checks.",
        risk="A fallback that nobody exercises is broken when it is needed; and a stale answer may be wrong.",
        verify=f"Stop {row['service']} in a test and count the requests that still succeed.",
        monitor=f"The share of requests that fail when {row['service']} does.",
    )


def _without_fallback(case: Case) -> dict[str, Any] | None:
    """Return the row of `failure_impact` for the dependency that failed most requests, or None.

    If a cause is stated only that counts, because the others fail because of it.
    """
    if case.incident.kind != "errors" or case.tree is None:
        return None
    begun = case.tree.spans.select(case.during.covers("start").fill_null(value=False)).to_series()
    calls = case.calls.within(case.during)
    culprit = None if case.culprit is None else case.culprit["name"]
    to_it = calls if culprit is None else calls.to_callee(culprit)
    table = calls_table(to_it, "trace_id", "callee", "kind", "failed")
    impact = failure_impact(case.tree.filter(begun.to_numpy()), table, service=culprit)
    fatal = impact.filter(verdict="single point of failure")
    return None if fatal.is_empty() else fatal.row(0, named=True)
