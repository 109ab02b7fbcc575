"""The first sentence of a notebook's page and of the index: the notebook's question, answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from incident_kit.diagnosis.attributes.group_words import group_in_words
from incident_kit.diagnosis.causes.candidates import candidates, no_upstream_is_worse, rivals
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.reports.prose.calm import URGENT
from incident_kit.reports.prose.chosen import (
    first_endpoints,
    group,
    incident_row,
    is_outage,
    is_spread,
    rows_of,
    worst,
)
from incident_kit.reports.prose.dead_ends import NO_DURATIONS, TOO_LITTLE, is_unjudged, missed_at, nothing
from incident_kit.reports.prose.impact import spent
from incident_kit.reports.prose.incident_phrases import endpoint_name, lost, others, unharmed, when
from incident_kit.reports.prose.say import dependency
from incident_kit.wording import KINDS, listed, milliseconds, percent, rate

MAJORITY = 0.5

MAX_ENDPOINTS = 3
"""More endpoints than this that cannot be told apart are no answer."""

MAX_CANDIDATES = 2
"""More candidates than this that cannot be told apart are no answer."""


def answer(notebook: str, found: Diagnosis) -> str:
    """Answer a notebook's question; a notebook of the user's gets the whole diagnosis in a sentence."""
    return _ANSWERS.get(notebook, _what_happened)(found)


def _what_happened(found: Diagnosis) -> str:
    return f"{_in_short(found, worst(found))}{_beside(found)}"


def _became_bad(indicator: str, dead_end: Callable[[Diagnosis], str], found: Diagnosis) -> str:
    """Answer about the incidents of one indicator; without any, say what comes closest."""
    number = worst(found, indicator)
    return dead_end(found) if worst(found) is None else _in_short(found, number)


def _nothing_slow(found: Diagnosis) -> str:
    value = _measured(found, "latency_quantile")
    if value is None:
        return f"{NO_DURATIONS}."
    if is_unjudged(found):
        return TOO_LITTLE
    within = f"{percent(found.targets.latency_quantile)} of the requests took at most {milliseconds(value)}"
    if _is_breached(found, "latency_quantile"):
        return f"Requests are slow throughout the data: {within}.{missed_at(found, 'latency')}"
    return f"Nothing became slow: {within}."


def _nothing_fails(found: Diagnosis) -> str:
    if is_unjudged(found):
        return TOO_LITTLE
    value = _measured(found, "error_rate")
    if value is not None and _is_breached(found, "error_rate"):
        return f"Requests fail throughout the data: {rate(value)} of them failed.{missed_at(found, 'errors')}"
    failed = "" if value is None else f": {rate(value)} of the requests failed over the whole of the data"
    return f"Nothing began to fail{failed}."


def _came_from(found: Diagnosis) -> str:
    number = worst(found)
    return _no_incident(found) if number is None else dependency(found, number).lines[0]


def _cost(found: Diagnosis) -> str:
    """Return what the worst incident was, and what it cost."""
    number = worst(found)
    if number is None:
        return _no_incident(found)
    cost = f"It cost {rate(spent(found, number)['spent'])} of the budget of 30 days."
    return f"{_in_short(found, number)} {cost}{_beside(found)}"


def _beside(found: Diagnosis) -> str:
    """Return a clause that there are other incidents besides the one described, if there are."""
    more = others(found)
    return f" It is the costliest; {more}." if more else ""


def _in_short(found: Diagnosis, number: int | None) -> str:
    """Return an incident in one sentence (kind, time, endpoint, cause, size), or that there is none."""
    if number is None:
        return _no_incident(found)
    row = incident_row(found, number)
    if not row["worse"]:
        return unharmed(row)
    causes = rows_of(found.dependencies, number)
    named = [] if no_upstream_is_worse(causes) else candidates(row["kind"], causes)
    parts = [f"{KINDS[row['kind']]} {when(row)}", *_where(found, number, named), *_whose(named)]
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}: {lost(row)}."


def _no_incident(found: Diagnosis) -> str:
    """Return that there was no incident, and the first finding that is urgent all the same."""
    urgent = found.findings.filter(priority=URGENT)["claim"].head(1).to_list()
    return " ".join([nothing(found, closest=not urgent), *urgent])


def _whose(named: list[dict[str, Any]]) -> list[str]:
    """Return the stated cause, or the candidates, at most two; none if evidence speaks against the first."""
    if not named or named[0]["objection"] is not None:
        return []
    if named[0]["stated"]:
        return [f"because of {named[0]['name']}"]
    alike = [named[0]["name"], *(row["name"] for row in rivals(named))]
    return [f"perhaps {listed(alike, 'or')}"] if len(alike) <= MAX_CANDIDATES else []


def _where(found: Diagnosis, number: int, named: list[dict[str, Any]]) -> list[str]:
    """Return what the bad requests have in common, if that is not the cause itself; else their endpoint."""
    apart = group(found, number)
    if apart is not None:
        is_cause = any(row["name"] in apart["value"] for row in named[:1])
        return [] if is_cause else [f"mostly {group_in_words(apart)}"]
    endpoints = rows_of(found.endpoints, number)
    if not endpoints or endpoints[0]["share"] <= 0 or is_outage(found, number):
        return []
    alike = first_endpoints(endpoints)
    if is_spread(endpoints[0]) or len(alike) > MAX_ENDPOINTS:
        return ["spread over many endpoints"]
    if len(alike) > 1:
        return [f"at {listed([endpoint_name(row) for row in alike])}"]
    how = "mostly" if endpoints[0]["share"] >= MAJORITY else "above all"
    return [f"{how} {endpoint_name(endpoints[0])}"]


def _is_breached(found: Diagnosis, target: str) -> bool:
    return "breached" in found.verdicts.filter(target=target)["verdict"]


def _measured(found: Diagnosis, target: str) -> float | None:
    rows = found.verdicts.filter(target=target)["value"]
    return None if rows.is_empty() else rows[0]


_ANSWERS: Mapping[str, Callable[[Diagnosis], str]] = {
    "latency_regression": partial(_became_bad, "latency", _nothing_slow),
    "error_spike": partial(_became_bad, "errors", _nothing_fails),
    "dependencies": _came_from,
    "postmortem": _cost,
}
