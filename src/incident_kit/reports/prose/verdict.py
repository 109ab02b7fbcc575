"""The machine-readable end of a notebook: one output that holds what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from incident_kit.diagnosis.comparison.compare import Comparison
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.inert import NO_FORMULA_CLASS, for_html, for_terminal
from incident_kit.reports.notebooks.completion import MIME
from incident_kit.reports.prose.answers import answer
from incident_kit.reports.prose.calm import is_calm
from incident_kit.reports.prose.sentences import Sentences

SCHEMA = "incident-kit/verdict/1"
# Machines agree on these digits of bootstrap and floating-point results, and no reader needs more.
SIGNIFICANT_DIGITS = 6
MAX_ROWS = 5  # rows of each ranking; `diagnose --json` has all


@dataclass(frozen=True)
class Verdict:
    """What a notebook found: a sentence for people and a document for programs."""

    document: dict[str, Any]

    def __repr__(self) -> str:
        return for_terminal(self.document["answer"])

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        told = self.document["answer"]
        looks = "ik-verdict calm" if is_calm(self.document) else "ik-verdict"
        return {
            MIME: self.document,
            "text/html": f'<p class="{looks} {NO_FORMULA_CLASS}"><strong>{for_html(told)}</strong></p>',
            "text/plain": repr(self),
        }


def verdict(notebook: str, found: Diagnosis | Comparison, said: Sentences | None = None) -> Verdict:
    """Return the verdict of a notebook, its last output.

    The document has `schema`, `notebook`, `answer` (the notebook's question answered in a sentence, and what
    has to be `said` with it, such as what was compared with what). A diagnosis adds `inputs`, `targets`,
    `verdicts`, `incidents` and `findings` as in `diagnose --json`, with rankings cut to five rows; a
    comparison adds `gate` (its verdict), `passed` and `changes`. Numbers have six digits.
    """
    short, body = _of_comparison(found) if isinstance(found, Comparison) else _of_diagnosis(notebook, found)
    told = " ".join([short, *(said.lines if said else ())])
    head = {"schema": SCHEMA, "notebook": notebook, "answer": told}
    return Verdict({**head, **{name: _short(part) for name, part in body.items()}})


def _of_diagnosis(notebook: str, found: Diagnosis) -> tuple[str, dict[str, Any]]:
    whole = found.to_dict()
    names = ("inputs", "targets", "verdicts", "incidents", "findings")
    return answer(notebook, found), {name: whole[name] for name in names}


def _of_comparison(found: Comparison) -> tuple[str, dict[str, Any]]:
    changes = found.changes.with_columns(pl.selectors.float().fill_nan(None)).to_dicts()
    return str(found), {"gate": found.verdict, "passed": found.passed, "changes": changes}


def _short(value: Any) -> Any:
    """Return values with rounded numbers and shortened rankings."""
    if isinstance(value, dict):
        return {
            name: _short(part[:MAX_ROWS] if name in {"endpoints", "dependencies"} else part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [_short(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    return value
