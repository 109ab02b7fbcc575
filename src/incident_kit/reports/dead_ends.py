"""What is said where there is no incident: between when, and what comes closest."""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.diagnosis import Diagnosis
from incident_kit.diagnosis.target_words import alike_throughout
from incident_kit.measure.red import red
from incident_kit.measure.rollup import Rollup
from incident_kit.reports.chosen import deeper, endpoint_name, incident_row, when, worst
from incident_kit.reports.sentences import stretch


def nothing(found: Diagnosis, tz: str = "UTC") -> str:
    """Say that there was none, between when, and what there was instead, or what comes closest."""
    window = found.rollup.window
    if window is None:
        return "No incident was found, for there is no valid request to look at."
    other = worst(found)
    if other is not None:
        row = incident_row(found, other)
        notebook, _ = deeper(row)
        kind = wording.KINDS[row["kind"]]
        return f"Nothing of this kind was found; {notebook} looks into the {kind} {when(row, tz)}."
    none = f"No incident was found from {stretch(window.start, window.end, tz)}."
    if missed := alike_throughout(found.verdicts.to_dicts(), found.targets.latency_quantile):
        return f"{none} {missed}"
    lines = [none]
    ranked = _slowest(found.rollup)
    if ranked is not None:
        name, p95 = ranked
        lines.append(f"The slowest endpoint is {name}, with a p95 of {wording.milliseconds(p95)}.")
    return " ".join(lines)


def _slowest(rollup: Rollup) -> tuple[str, float] | None:
    rows = red(rollup, by=("method", "route"))
    ranked = (
        rows.filter(pl.col("p95_ms").is_not_null())
        .group_by("method", "route")
        .agg(pl.col("p95_ms").median())
        .sort("p95_ms", "route", descending=[True, False])
    )
    if ranked.is_empty():
        return None
    top = ranked.row(0, named=True)
    return endpoint_name(top), float(top["p95_ms"])
