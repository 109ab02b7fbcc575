"""Pattern: the evidence separates one dependency from its rivals: it failed, or it became slow."""

from __future__ import annotations

from dataclasses import replace

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.culprits.proxy_spans import EITHER
from incident_kit.diagnosis.findings import Finding

MOST_OF_THE_EXCESS = 0.5
"""If the first endpoint has less of the excess than this, the claim adds "and others"."""

CHANGES = {
    "database": "Give statements and lock waits a time-out below the latency target, and find what held the "
    "locks or scanned in that window",
    "service": "Bound calls to it with a time-out below the latency target and a circuit breaker, and answer "
    "without it where that is possible",
    "upstream": "Let the proxy try another upstream on failure and take this one out by health checks",
    "proxy": "Look at the proxy's own workers, connections and queues in that window",
    EITHER: "Look at the proxy's own workers, connections and queues in that window, and at whose clients "
    "are slow (networks, sizes)",
    "client": "Look at the clients' networks; the service answered in time",
}
REACH = (
    "See first whether it runs and can be reached (processes, connections, name, certificate, network, disk)"
)
ENTRY = (
    "Look at its own work in that window (processor, garbage collection, locks, what was released or set), "
    "and let it refuse what it cannot serve in time"
)
"""Advice for the entry service, which no caller could do without."""

FIRST = {
    "failures_to_it": REACH,
    "silence": REACH,
    "own_failures": "Look first at the errors that it logs in that window, and take back what was released "
    "or changed there",
}
"""Advice before any other, by the evidence: it does not answer, or it fails by its own doing."""

MORE_CALLS = "added_calls"
"""The evidence that a service makes more calls for the same work, which no time-out mends."""

CHANGE_OTHERWISE = "Bound calls to it with a time-out below the latency target"


def find(case: Case) -> Finding | None:
    """Return the headline of an incident whose cause is stated."""
    culprit = case.culprit
    if culprit is None:
        return None
    name, kind, evidence = culprit["name"], culprit["kind"], culprit["evidence"]
    others = "" if case.endpoints["share"][0] >= MOST_OF_THE_EXCESS else " and others"
    verb = "failed" if case.incident.kind == "errors" else "slowed down"
    found = Finding(
        id="dependency-at-fault",
        priority="reliability",
        claim=f"{case.endpoint}{others} {verb} because of {name} ({kind}).",
        evidence=f"{evidence[:1].upper()}{evidence[1:]}.",
        change=f"{_change(case, name, kind)}.",
        risk="A time-out that is too tight turns slow answers into failed ones; start above the usual p99.",
        verify=f"Slow {name} down in a test and see {case.endpoint} stay within its target.",
        monitor=f"Latency and errors of calls to {name}, by caller, beside the target of {case.endpoint}.",
    )
    return _of_more_calls(found, name) if case.strongest_piece(name) == MORE_CALLS else found


def _of_more_calls(found: Finding, name: str) -> Finding:
    """Return the finding with the advice for a service that makes more calls than it did."""
    return replace(
        found,
        change=f"Look at what was released or set in {name}: it may ask for each item by itself, try again "
        "too often, or have lost a cache. Take that back, or ask for all items at once.",
        risk="One large answer in place of many small ones needs a limit on its size.",
        verify="Count the calls of one request in a test, for few items and for many.",
        monitor=f"Calls that {name} makes for each of its requests, by callee.",
    )


def _change(case: Case, name: str, kind: str) -> str:
    """Return what to change.

    Traces know no proxy, so a dependency that they call an upstream is called like a service.
    """
    first = FIRST.get(case.strongest_piece(name) or "")
    if case.tree is not None:
        roots = case.tree.spans["service"].gather(case.tree.roots)
        if (roots == name).any():
            return first or ENTRY
        kind = "service" if kind == "upstream" else kind
    if first is not None:
        return first if kind == "database" else f"{first}. {CHANGES[kind]}"
    return CHANGES.get(name, CHANGES.get(kind, CHANGE_OTHERWISE))
