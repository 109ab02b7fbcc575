"""The result of a diagnosis, as a handful of small tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

import polars as pl

from incident_kit.diagnosis import summary
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.slo import Targets
from incident_kit.window import iso

SCHEMA = "incident-kit/diagnosis/1"
SIGNIFICANT_DIGITS = 9
"""Enough that shares still sum to one within a millionth, few enough that two machines agree."""


@dataclass(frozen=True)
class Diagnosis:
    """Incidents, their causes, and what to do; every sentence can be traced to one of these tables.

    In the tables after `incidents`, the column `incident` is the row number in it, in the order of time. It
    is null if a row belongs to no incident.
    """

    inputs: dict[str, Any]
    targets: Targets
    rollup: Rollup
    verdicts: pl.DataFrame
    incidents: pl.DataFrame
    endpoints: pl.DataFrame
    quantiles: pl.DataFrame
    dependencies: pl.DataFrame
    attributes: pl.DataFrame
    exemplars: pl.DataFrame
    findings: pl.DataFrame
    timeline: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return the whole diagnosis as one JSON document (schema `incident-kit/diagnosis/1`)."""
        return {
            "schema": SCHEMA,
            "inputs": _plain(self.inputs),
            "targets": self.targets.as_dict(),
            "verdicts": _rows(self.verdicts),
            "incidents": [self._incident(row) for row in self.incidents.iter_rows(named=True)],
            "findings": _rows(self.findings),
        }

    def _incident(self, row: dict[str, Any]) -> dict[str, Any]:
        number = row.pop("incident")
        row["baseline"] = [row.pop("baseline_start"), row.pop("baseline_end")]
        names = ("endpoints", "quantiles", "dependencies", "exemplars")
        tables = {name: _rows(_of_incident(getattr(self, name), number)) for name in names}
        return {**_plain(row), **tables}

    def to_markdown(self) -> str:
        """Return at most twelve lines of Markdown to paste into a chat."""
        return summary.markdown(self.to_dict())

    def __str__(self) -> str:
        return summary.text(self.to_dict())

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        return summary.html(self.to_dict())


def _of_incident(table: pl.DataFrame, number: int) -> pl.DataFrame:
    return table.filter(pl.col("incident") == number).drop("incident")


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    return [_plain(row) for row in table.iter_rows(named=True)]


def _plain(value: Any) -> Any:
    """Convert a cell, a row or a list to JSON types."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, str) or not isinstance(value, float | datetime | Iterable):
        return value
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isfinite(value) else None
    return [_plain(item) for item in value]
