"""A new version, or a change that was told, came shortly before the onset."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.events import SUSPICIOUS_FOR, event_before
from incident_kit.diagnosis.findings import Finding
from incident_kit.schema import attribute

SLACK = timedelta(seconds=30)
"""A detected onset may be this much before the first trace that shows the new version."""


def find(case: Case) -> Finding | None:
    """Return the finding of an incident that follows a release, seen in the traces, or a change."""
    if (seen := _first_seen(case)) is not None:
        return _finding("The incident followed a release.", seen, "Roll it back first")
    onset = case.during.start
    told = event_before(onset + SLACK, case.events)
    if told is None:
        return None
    said = f"'{told.text}' was done at {wording.clock(told.time)}, the onset is {wording.clock(onset)}."
    return _finding(
        f"The incident followed the change '{told.text}'.", said, "Undo it first, where that can be done"
    )


def _finding(claim: str, evidence: str, first: str) -> Finding:
    return Finding(
        id="release",
        priority="reliability",
        claim=claim,
        evidence=evidence,
        change=f"{first}, and look for the cause afterwards; release to a few instances before all.",
        risk="A roll-back is itself a release: check that the old version can read what the new one wrote.",
        verify="Compare the endpoint before and after with `incident-kit compare`.",
        monitor="Errors and latency by version while a release goes out.",
    )


def _first_seen(case: Case) -> str | None:
    """Return the sentence on the first version that began with the incident, from `service.version`."""
    if case.spans is None:
        return None
    onset = case.during.start
    seen = (
        case.spans.lazy()
        .filter(pl.col("start") <= onset + SLACK)  # what came later is neither new then nor older
        .group_by("service", "attributes")  # many spans have the same text
        .agg(first=pl.col("start").min())
        .select("service", "first", attribute("service.version").alias("version"))
        .drop_nulls()
        .group_by("service", "version")
        .agg(pl.col("first").min())
        .collect()
    )
    new = seen.filter(
        pl.col("first") >= onset - SUSPICIOUS_FOR, pl.col("first") > pl.col("first").min().over("service")
    ).sort("first")
    if new.is_empty():
        return None
    row = new.row(-1, named=True)
    return (
        f"{row['service']} {row['version']} was first seen at {wording.clock(row['first'])}, "
        f"the onset is {wording.clock(onset)}."
    )
