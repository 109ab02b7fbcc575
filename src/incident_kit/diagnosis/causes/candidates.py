"""Say in one sentence which dependency an incident came from: the cause, a candidate, or several.

A dependency is a candidate if there is evidence against it. It is the cause if it is `stated` (see
`culprits.statedness`). Rivals are candidates whose evidence is too close to the first one's to tell them
apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from incident_kit.diagnosis.causes.objection import evidence_alone
from incident_kit.diagnosis.causes.upstream_rivals import ALIKE
from incident_kit.diagnosis.culprits.sentences import NOTHING
from incident_kit.diagnosis.culprits.statedness import ABOVE_RIVAL
from incident_kit.wording import UNEXPLAINED, listed

NO_CAUSE = ("outage", "traffic")
"""Kinds of incident without a cause among the dependencies. Requests that arrived cannot explain an outage,
and moved traffic is nobody's fault."""

MAX_NAMED = 3
"""If more candidates than this cannot be told apart, the sentence gives their number instead."""


def candidates_in_words(incident: dict[str, Any]) -> list[str]:
    """Say which dependency is the cause or the first candidate; say nothing if there is no evidence.

    Where no request was surely worse, nothing has a cause: a fallback may have hidden what changed.
    """
    rows = candidates(incident["kind"], incident["dependencies"])
    if not rows:
        return []
    first = rows[0]
    name = f"{first['name']} ({first['kind']})"
    if not incident["worse"]:
        return [f"{name} changed all the same: {first['evidence']}."] if first["stated"] else []
    if first["stated"]:
        return [f"{name} is the cause: {first['evidence']}."]
    if no_upstream_is_worse(incident["dependencies"]):
        return [in_common(incident["dependencies"])]
    return [_undecided(rows)]


def _undecided(rows: Sequence[dict[str, Any]]) -> str:
    """Say that no candidate is established as the cause, and which of them cannot be told apart."""
    first, alike = rows[0], 1 + len(rivals(rows))
    name = f"{first['name']} ({first['kind']})"
    if alike == 1:
        return f"{name} is the first candidate, not an established cause: {first['evidence']}."
    if alike > MAX_NAMED:
        return f"{alike} candidates cannot be told apart, {name} among them: {first['evidence']}."
    names = listed([f"{row['name']} ({row['kind']})" for row in rows[:alike]])
    return f"{names} cannot be told apart as the cause. Of {first['name']}, {first['evidence']}."


def candidates(kind: str, dependencies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the dependencies against which there is evidence; the table lists the others as well."""
    return [row for row in dependencies if _is_candidate(row)] if kind not in NO_CAUSE else []


def rivals(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the candidates that the evidence does not separate from the first one."""
    return [row for row in rows[1:] if _is_rival(row, rows[0])]


def no_upstream_is_worse(dependencies: Sequence[dict[str, Any]]) -> bool:
    """Return whether upstreams are the candidates, and none of them is surely worse than the others.

    Either the first one failed that test, or all there are cannot be told apart.
    """
    found = [row for row in dependencies if _is_candidate(row)]
    upstreams = [row for row in dependencies if row["kind"] == "upstream"]
    if not found or any(row["kind"] != "upstream" for row in found):
        return False
    return found[0]["objection"] == ALIKE or 1 < len(upstreams) == 1 + len(rivals(found))


def in_common(dependencies: Sequence[dict[str, Any]]) -> str:
    """Say where to look if no upstream is worse than the others, and what changed at the first."""
    number = sum(row["kind"] == "upstream" for row in dependencies)
    share = "both share" if number == 2 else f"all {number} share"
    first = next(row for row in dependencies if _is_candidate(row))
    return (
        f"No upstream is surely worse than the others, so look at what {share}: code, a database, a network. "
        f"Of {first['name']}, {evidence_alone(first)}."
    )


def _is_candidate(row: dict[str, Any]) -> bool:
    return row["name"] != UNEXPLAINED and row["score"] > 0 and not row["evidence"].startswith(NOTHING)


def _is_rival(row: dict[str, Any], first: dict[str, Any]) -> bool:
    """Return whether the evidence against the first candidate is too close to a row's to separate the two.

    A score is evidence / (evidence + what it takes), so evidence is in proportion to score / (1 - score).
    """
    one, other = first["score"], row["score"]
    return bool(ABOVE_RIVAL * other * (1 - one) >= one * (1 - other))
