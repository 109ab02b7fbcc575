"""Pattern: two dependencies changed, each by itself, and both explain much of the incident.

Example: a lock slows down a statement while the payment provider is slow as well, and each explains half of
the extra time. Whoever mends the first still has an incident. So it is if one is slow and the other fails.
"""

from __future__ import annotations

from typing import Any

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.candidates import NO_CAUSE
from incident_kit.diagnosis.culprits.statedness import BEYOND_CHANCE
from incident_kit.diagnosis.findings import Finding

BY_ITSELF = frozenset({
    "own_time", "waits_to_it", "own_failures", "failures_to_it", "added_calls", "silence",
})  # fmt: skip
"""The evidence of a change at a dependency itself. Its calls to others count against both ends of each, and
calls may be missing because of a failure elsewhere."""

WORTH_SAYING = 0.1
"""A second cause surely has at least this share of the excess."""


def find(case: Case) -> Finding | None:
    """Return the finding that another dependency than the first one changed, and has a large share."""
    if case.place is not None or case.incident.kind in NO_CAUSE:
        return None
    changed = [row for row in case.dependencies.iter_rows(named=True) if _changed_itself(case, row)]
    if len(changed) < 2 or (case.culprit is not None and not changed[0]["stated"]):
        return None
    first, other = changed[:2]
    explains = [
        f"{row['name']} explains {wording.share_with_interval(row['share'], row['low'], row['high'])}"
        for row in (first, other)
    ]
    return Finding(
        id="second-cause",
        priority="reliability",
        claim=f"{other['name']} ({other['kind']}) changed beside {first['name']}: {other['evidence']}.",
        evidence=f"{wording.listed(explains)} of the excess.",
        change="Look at both: they may be two causes, or one may follow from the other.",
        risk="If only one is mended, a part of the incident may stay.",
        verify="See whether the one is as usual again once the other is.",
        monitor=f"Latency and errors of calls to {first['name']} and to {other['name']}, side by side.",
    )


def _changed_itself(case: Case, row: dict[str, Any]) -> bool:
    """Return whether a dependency surely changed by itself, has a large share, and no objection.

    A slow one beside the failures has no share of them.
    """
    if row["name"] == case.slow_beside_failures:
        return True
    is_large = row["score"] > BEYOND_CHANCE and (row["stated"] or row["low"] >= WORTH_SAYING)
    return is_large and case.strongest_piece(row["name"]) in BY_ITSELF and row["objection"] is None
