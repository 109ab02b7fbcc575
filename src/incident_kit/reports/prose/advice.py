"""Findings for a reader: the claim first, then its evidence, then what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.inert import NO_FORMULA_CLASS, for_html, for_terminal, sentence_html
from incident_kit.reports.prose.dead_ends import instead

NOTHING = "No known failure pattern shows in these data."
PARTS = (
    ("evidence", "Evidence"),
    ("change", "Change"),
    ("risk", "Risk"),
    ("verify", "Verify"),
    ("monitor", "Watch"),
)

APART = ' style="margin-bottom: 1em"'
"""JupyterLab leaves no space between a claim and the end of the finding before it."""


@dataclass(frozen=True)
class Advice:
    """Findings that display themselves one below the other; `nothing` is displayed if there are none."""

    rows: tuple[dict[str, Any], ...]
    nothing: str = NOTHING

    def __repr__(self) -> str:
        if not self.rows:
            return self.nothing
        return "\n".join(
            for_terminal(f"{row['priority']}: {row['claim']} {row['change']}") for row in self.rows
        )

    def _repr_html_(self) -> str:
        if not self.rows:
            return f'<p class="ik-say {NO_FORMULA_CLASS}">{for_html(self.nothing)}</p>'
        return "".join(_finding(row) for row in self.rows)


def advice(found: Diagnosis) -> Advice:
    """Return all findings; those of several incidents with the same advice are one, with all their claims."""
    same = [name for name, _ in PARTS if name != "evidence"]
    rows = found.findings.group_by("id", "priority", *same, maintain_order=True).agg(
        pl.col("claim", "evidence").unique(maintain_order=True).str.join(" ")
    )
    return Advice(tuple(rows.to_dicts()))


def advice_on(found: Diagnosis, incident: int | None) -> Advice:
    """Return the findings about one incident, if there is one, and those about no particular incident."""
    about = pl.col("incident")
    rows = found.findings.filter(about.is_null() | about.eq_missing(incident))
    return Advice(tuple(rows.to_dicts()), instead(found, incident, NOTHING, NOTHING))


def _finding(row: dict[str, Any]) -> str:
    parts = "".join(
        f"<dt>{word}</dt><dd>{sentence_html(row[name])}</dd>" for name, word in PARTS if row.get(name)
    )
    head = f"<strong>{for_html(row['claim'])}</strong> <small>{for_html(str(row['priority']))}</small>"
    return f'<div class="ik-finding {NO_FORMULA_CLASS}"{APART}><p>{head}</p><dl>{parts}</dl></div>'
