"""Findings: what is claimed, on what evidence, and what to do about it.

A finding comes from a pattern: each module in `incident_kit.diagnosis.patterns` has one function `find(case)`
that returns a `Finding` or None. A new pattern is one new file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

import polars as pl

from incident_kit.diagnosis.case import Case

Priority = Literal["reliability", "security", "performance", "functionality", "convenience"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

THREADS = 2
"""Number of patterns that run at a time, so that the few which scan all spans do not wait for each other."""


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


def find_patterns(case: Case) -> list[Finding]:
    """Run every pattern on one incident, and return the findings in the order of their priority.

    A given window in which no request was worse has no findings.
    """
    if not case.incident.worse:
        return []
    from incident_kit.diagnosis import patterns

    names = sorted(module.name for module in pkgutil.iter_modules(patterns.__path__))
    modules = [importlib.import_module(f"{patterns.__name__}.{name}") for name in names]
    with ThreadPoolExecutor(THREADS) as beside:
        answers = list(beside.map(lambda module: module.find(case), modules))
    found = [finding for finding in answers if finding is not None]
    return sorted(found, key=lambda finding: PRIORITIES.index(finding.priority))


def findings_frame(findings: Iterable[tuple[int | None, Finding]]) -> pl.DataFrame:
    """Return one row per finding, best priority first, from pairs (incident number or None, finding)."""
    rows = [{"incident": incident, **asdict(finding)} for incident, finding in findings]
    return pl.DataFrame(rows, schema=FINDINGS).sort("priority", "incident", maintain_order=True)
