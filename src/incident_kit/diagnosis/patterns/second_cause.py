"""Pattern: beside the stated cause something else changed, and it explains much of the incident.

Example: a lock slows down a statement while the payment provider is slow as well, and each explains half of
the extra time. Whoever mends the first still has an incident.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
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
    """Return the finding that another dependency than the stated one changed, and has a large share."""
    culprit = case.culprit
    if culprit is None or not _changed_itself(case, culprit):
        return None
    likely = pl.col("score") > BEYOND_CHANCE, pl.col("low") >= WORTH_SAYING
    rows = case.dependencies.filter(~pl.col("stated"), *likely).iter_rows(named=True)
    other = next((row for row in rows if _changed_itself(case, row)), None)
    if other is None:
        return None
    first = culprit["name"]
    share = wording.share_with_interval(other["share"], other["low"], other["high"])
    return Finding(
        id="second-cause",
        priority="reliability",
        claim=f"{other['name']} ({other['kind']}) changed as well, and explains {share} of the excess.",
        evidence=f"{other['evidence'][:1].upper()}{other['evidence'][1:]}.",
        change=f"Look at {other['name']} beside {first}: it may be a second cause, or follow from the first.",
        risk=f"If only {first} is mended, a part of the incident may stay.",
        verify=f"See whether {other['name']} is as usual again once {first} is.",
        monitor=f"Latency and errors of calls to {first} and to {other['name']}, side by side.",
    )


def _changed_itself(case: Case, row: dict[str, Any]) -> bool:
    return case.strongest_piece(row["name"]) in BY_ITSELF
