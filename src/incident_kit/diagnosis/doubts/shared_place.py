"""Several services that slowed down on one host, or in one zone: it is what they have in common."""

from __future__ import annotations

import polars as pl

from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.causes.worst_part import (
    FEWEST,
    MOST_OF_THE_BAD,
    Part,
    SharedPlace,
    bad_spans,
    with_own_time,
    worst_part,
)
from incident_kit.schema import attribute

PLACES = ("host.name", "hostname", "k8s.node.name", "host.id", "cloud.availability_zone")
"""What several services may share, the closest first (OpenTelemetry's names, and Jaeger's)."""

SEVERAL = 2
"""A host on which one service alone slowed down is a part of that."""


def shared_place(case: Case) -> SharedPlace | None:
    """Return where several services slowed down, if nearly all that was slow was there.

    A service that is the cause by all other evidence must have slowed down there, too.
    """
    if case.tree is None or case.incident.kind != "latency":
        return None
    culprit = case.culprit
    if culprit is not None:
        of_culprit = case.tree.spans.filter(pl.col("service") == str(culprit["name"]))
        if worst_part(bad_spans(case.incident, case.during, of_culprit), PLACES) is None:
            return None
    compared = case.before.covers("start") | case.during.covers("start")
    slow = bad_spans(case.incident, case.during, with_own_time(case.tree).filter(compared))
    part = worst_part(slow, PLACES)
    services = [] if part is None else _mostly_there(slow, part)
    if part is None or len(services) < SEVERAL or (culprit is not None and culprit["name"] not in services):
        return None
    return SharedPlace(part, services)


def _mostly_there(slow: pl.DataFrame, part: Part) -> list[str]:
    """Return the services of which nearly all slow spans were at a place."""
    of_each = slow.filter("bad").select("service", value=attribute(part.attribute)).drop_nulls()
    counts = of_each.group_by("service").agg(
        pl.len().alias("bad"), there=(pl.col("value") == part.value).sum()
    )
    mostly = pl.col("there") >= MOST_OF_THE_BAD * pl.col("bad")
    return counts.filter(mostly, pl.col("there") >= FEWEST).get_column("service").sort().to_list()
