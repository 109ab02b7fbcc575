"""Find several services that slowed down on one host or in one zone, which is then the common cause."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.worst_part import (
    EXCESS,
    MIN_BAD_SPANS,
    MOST_OF_THE_BAD,
    Part,
    SharedPlace,
    bad_spans,
    with_own_time,
    worst_part,
)
from incident_kit.schema import attribute

PLACES = ("host.name", "hostname", "k8s.node.name", "host.id", "cloud.availability_zone")
"""Attributes that several services may share, the closest first (OpenTelemetry's names, and Jaeger's)."""

SEVERAL = 2
"""Number of services for a shared place; a host with one slow service is a part of that service."""


def shared_place(case: Case) -> SharedPlace | None:
    """Return where several services slowed down, if nearly all that was slow was there.

    If the evidence already states a service as the cause, the place replaces it only if that service slowed
    down there as well, and several services that also ran elsewhere were as quick as ever there. Services
    that merely wait for the culprit are slow wherever they run.
    """
    if case.tree is None or case.incident.kind != "latency":
        return None
    compared = case.before.covers("start") | case.during.covers("start")
    slow = bad_spans(case.incident, case.during, with_own_time(case.tree).filter(compared))
    part = worst_part(slow, PLACES)
    if part is None:
        return None
    there = _mostly_there(slow, part)
    services, culprit = there["service"].to_list(), case.culprit
    if culprit is not None and (culprit["name"] not in services or there["elsewhere"].sum() < SEVERAL):
        return None
    return SharedPlace(part, services) if len(services) >= SEVERAL else None


def _mostly_there(slow: pl.DataFrame, part: Part) -> pl.DataFrame:
    """Return each `service` whose slow spans were nearly all at a place, and if it ran `elsewhere` too."""
    placed = slow.select("service", "bad", "usual", value=attribute(part.attribute)).drop_nulls("value")
    of_each = placed.group_by("service", there=pl.col("value") == part.value).agg(pl.len(), bad=EXCESS)
    counts = of_each.group_by("service").agg(
        bad=pl.col("bad").sum(),
        there=pl.col("bad").filter("there").sum(),
        elsewhere=pl.col("len").filter(~pl.col("there")).sum() >= MIN_BAD_SPANS,
    )
    mostly = pl.col("there") >= MOST_OF_THE_BAD * pl.col("bad")
    return (
        counts.filter(mostly, pl.col("there") >= MIN_BAD_SPANS).select("service", "elsewhere").sort("service")
    )
