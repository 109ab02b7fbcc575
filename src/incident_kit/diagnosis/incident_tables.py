"""Stack the tables of all incidents: one row an incident, or a table an incident with its number in front."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from incident_kit.diagnosis.attributes.explanation import explanation
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.exemplars import EXEMPLARS, exemplars
from incident_kit.schema import TIME_US

INCIDENTS = pl.Schema(
    {
        "incident": pl.Int64(),
        "kind": pl.String(),
        "indicator": pl.String(),
        "threshold_ms": pl.Float64(),
        "start": TIME_US,
        "end": TIME_US,
        "recovery_s": pl.Float64(),
        "provisional": pl.Boolean(),
        "began_before": pl.Boolean(),
        "worse": pl.Boolean(),
        "baseline_start": TIME_US,
        "baseline_end": TIME_US,
        "bad": pl.Int64(),
        "excess": pl.Float64(),
        "explanation": pl.String(),
    }
)
"""The columns of a table of incidents."""


def incidents_frame(cases: Sequence[Case]) -> pl.DataFrame:
    """Return one row per incident, in the order of time."""
    rows = [
        {
            "incident": number,
            "baseline_start": case.before.start,
            "baseline_end": case.before.end,
            "explanation": explanation(case.incident, case.targets, case.attributes, case.requests is None),
            **{name: getattr(case.incident, name) for name in INCIDENTS if hasattr(case.incident, name)},
        }
        for number, case in enumerate(cases)
    ]
    return pl.DataFrame(rows, schema=INCIDENTS)


def numbered(
    cases: Sequence[Case], table: Callable[[Case], pl.DataFrame], schema: Mapping[str, Any]
) -> pl.DataFrame:
    """Stack the tables of all incidents, with the number of the incident as the first column."""
    none = pl.DataFrame(schema={"incident": pl.Int64, **schema})
    parts = [
        table(case).select(pl.lit(number).alias("incident"), pl.all()) for number, case in enumerate(cases)
    ]
    return pl.concat([none, *parts], how="vertical_relaxed")


def typical_requests(case: Case) -> pl.DataFrame:
    """Return the exemplars of the endpoint that explains most."""
    if case.endpoints.is_empty():
        return pl.DataFrame(schema=EXEMPLARS)
    first = case.endpoints.row(0, named=True)
    asked = case.rollup if case.requests is None else case.requests
    return exemplars(asked, case.incident.slo, case.during, first["method"], first["route"])
