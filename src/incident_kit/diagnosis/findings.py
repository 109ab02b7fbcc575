"""Findings: what is claimed, on what evidence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

import polars as pl

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
    """Return one row per finding, best priority first, from pairs (incident number or None, finding)."""
    rows = [{"incident": incident, **asdict(finding)} for incident, finding in findings]
    return pl.DataFrame(rows, schema=FINDINGS).sort("priority", "incident", maintain_order=True)
