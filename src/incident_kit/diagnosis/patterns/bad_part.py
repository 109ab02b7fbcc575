"""One part of the service at fault explains it: an instance, a zone, a version of several that run."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.failed_spans import has_failed
from incident_kit.measure.intervals import wilson
from incident_kit.measure.linked_spans import SERVING_KINDS
from incident_kit.schema import attribute

PARTS = (
    "service.instance.id", "k8s.pod.name", "container.id", "host.name", "hostname", "k8s.node.name",
    "cloud.availability_zone", "cloud.region", "service.version",
)  # fmt: skip
"""What says where or which a span's service is, the closest first (OpenTelemetry's names, and Jaeger's)."""

MOST_OF_THE_BAD = 0.8
LEAST_SEPARATION = 0.3
"""How far its share of the bad spans is above that of all: one of three equal instances has 0.67."""

FEWEST = 20
"""Fewer bad spans fall to one of several parts by chance."""

USUAL_QUANTILE = 0.99
"""A span is slow beyond what one in a hundred of its operation took before."""


def find(case: Case) -> Finding | None:
    """Return the finding of an incident that comes from one part of the service at fault."""
    culprit = case.culprit
    if culprit is None or culprit["kind"] != "service" or case.spans is None:
        return None
    service = str(culprit["name"])
    served = case.spans.filter(pl.col("service") == service, pl.col("kind").is_in(SERVING_KINDS))
    bad = _bad_spans(case, served)
    rows = [row for name in PARTS if (row := _worst(bad, name)) is not None]
    return _finding(service, rows[0]) if rows else None


def _bad_spans(case: Case, served: pl.DataFrame) -> pl.DataFrame:
    """Return what a service served in the incident, and which of it is `bad`."""
    before, during = (served.filter(window.covers("start")) for window in (case.before, case.during))
    if case.incident.indicator != "latency":
        return during.with_columns(bad=pl.Series(has_failed(during)))
    usual = before.group_by("name", "route").agg(most=pl.col("duration_ms").quantile(USUAL_QUANTILE))
    timed = during.join(usual, on=["name", "route"], nulls_equal=True)
    return timed.with_columns(bad=pl.col("duration_ms") > pl.col("most"))


def _worst(spans: pl.DataFrame, name: str) -> dict[str, Any] | None:
    """Return the value of an attribute that explains the bad spans, if one of several does."""
    parts = (
        spans.select("bad", value=attribute(name))
        .drop_nulls()
        .group_by("value")
        .agg(pl.len().alias("spans"), pl.col("bad").sum())
        .sort("bad", "value", descending=[True, False])
    )
    bad, whole = int(parts["bad"].sum()), int(parts["spans"].sum())
    if parts.height < 2 or bad < FEWEST:
        return None
    first = parts.row(0, named=True)
    low, high = (float(bound) for bound in wilson(np.float64(first["bad"]), np.float64(bad)))
    share, traffic = first["bad"] / bad, first["spans"] / whole
    told = {"name": name, "value": first["value"], "share": share, "low": low, "high": high}
    separates = share >= MOST_OF_THE_BAD and min(low, share - LEAST_SEPARATION) >= traffic
    return {**told, "traffic": traffic} if separates else None


def _finding(service: str, part: dict[str, Any]) -> Finding:
    share = wording.share_with_interval(part["share"], part["low"], part["high"])
    which = f"{part['value']} ({part['name']})"
    return Finding(
        id="bad-part",
        priority="reliability",
        claim=f"One part of {service} is bad: {which}.",
        evidence=f"It has {wording.percent(part['traffic'], 0)} of the calls to {service} and {share} of "
        "those that went bad.",
        change=f"Take {part['value']} out of rotation now, and let health checks do that next time.",
        risk="The others take its traffic: see that they have room for it.",
        verify="Compare the others' error rate and latency with the target after it is out.",
        monitor=f"Errors and latency of {service} by {part['name']}, and how far the worst is off.",
    )
