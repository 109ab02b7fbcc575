"""Findings: what is claimed, on what evidence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

import polars as pl

REHEARSE = "Rehearse the way back (roll back, switch over, shed load); let a burn-rate alert start it."
"""Advice for the next incident, which comes after what mends this one."""

Priority = Literal["reliability", "security", "performance", "functionality", "convenience"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)


@dataclass(frozen=True)
class Finding:
    """One claim with its evidence and advice: what to change, at what risk, how to verify and monitor it."""

    id: str
    priority: Priority
    claim: str
    evidence: str
    change: str
    risk: str
    verify: str
    monitor: str


FINDINGS = pl.Schema(
    {
        "incident": pl.Int64(),
        **{item.name: pl.String() for item in fields(Finding)},
        "priority": pl.Enum(PRIORITIES),
    }
)
"""The columns of a table of findings."""


def findings_frame(findings: Iterable[tuple[int | None, Finding]]) -> pl.DataFrame:
    """Return one row per finding, best priority first, from pairs (incident number or None, finding).

    Of one priority, what mends an incident comes before what is to be done about the next one.
    """
    rows = [{"incident": incident, **asdict(finding)} for incident, finding in findings]
    is_for_later = pl.col("change") == REHEARSE
    return pl.DataFrame(rows, schema=FINDINGS).sort("priority", is_for_later, "incident", maintain_order=True)
