"""What a notebook's page and the index say first: its own question, answered in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.measure.error_budget import budget_spent
from incident_kit.reports import say
from incident_kit.reports.breakdown import windows
from incident_kit.reports.impact import bad_over_time, promise
from incident_kit.wording import count, milliseconds, percent, span


def answer(notebook: str, found: Diagnosis) -> str:
    """Answer a notebook's question; one that is none of the kit gets the whole diagnosis in one sentence."""
    return _ANSWERS.get(notebook, _what_happened)(found)


def _what_happened(found: Diagnosis) -> str:
    return say.in_short(found, say.worst(found))


def _became_bad(indicator: str, dead_end: Callable[[Diagnosis], str], found: Diagnosis) -> str:
    """Answer about the incidents of one indicator; where there is none, say what comes closest."""
    number = say.worst(found, indicator)
    return dead_end(found) if say.worst(found) is None else say.in_short(found, number)


def _nothing_slow(found: Diagnosis) -> str:
    value = _measured(found, "latency_quantile")
    if value is None:
        return "Nothing can be said about latency, for no request has a duration."
    within = f"{percent(found.targets.latency_quantile)} of the requests took at most {milliseconds(value)}"
    return f"Nothing became slow: {within}."


def _nothing_fails(found: Diagnosis) -> str:
    value = _measured(found, "error_rate")
    failed = (
        "" if value is None else f": {percent(value, 3)} of the requests failed over the whole of the data"
    )
    return f"Nothing began to fail{failed}."


def _came_from(found: Diagnosis) -> str:
    number = say.worst(found)
    return say.nothing(found) if number is None else say.dependency(found, number).lines[0]


def _cost(found: Diagnosis) -> str:
    """Return what the worst incident was, and what it cost."""
    number = say.worst(found)
    if number is None:
        return say.nothing(found)
    budget = budget_spent(bad_over_time(found, number), promise(found, number))
    length = span(windows(found, number)[0].seconds)
    lost = count(found.incidents["bad"][number], "bad request")
    cost = f"It lasted {length} and cost {lost}, {percent(budget['spent'], 2)} of the budget of 30 days."
    return f"{say.in_short(found, number)} {cost}"


def _measured(found: Diagnosis, target: str) -> float | None:
    rows = found.verdicts.filter(target=target)["value"]
    return None if rows.is_empty() else rows[0]


_ANSWERS: Mapping[str, Callable[[Diagnosis], str]] = {
    "latency_regression": partial(_became_bad, "latency", _nothing_slow),
    "error_spike": partial(_became_bad, "errors", _nothing_fails),
    "dependencies": _came_from,
    "postmortem": _cost,
}
