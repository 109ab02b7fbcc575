"""One upstream or host among several explains the extra bad requests."""

from __future__ import annotations

from typing import Any

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.attribute_counts import COLUMNS
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding

PLACES = ("upstream", "host")
MOST_OF_THE_EXCESS = 0.8
LEAST_SEPARATION = 0.3
"""How far its share of the excess is above that of the traffic: one of three equal instances has 0.67."""


def find(case: Case) -> Finding | None:
    """Return the finding of an incident that comes from one place among several."""
    places = case.attributes.filter(
        pl.col("attribute").is_in(PLACES),
        "separates",
        pl.col("share") >= MOST_OF_THE_EXCESS,
        pl.col("separation") >= LEAST_SEPARATION,
    )
    rows = [row for row in places.iter_rows(named=True) if _is_one_of_several(case, row)]
    if not rows:
        return None
    row = rows[0]
    share = wording.share_with_interval(row["share"], row["low"], row["high"])
    return Finding(
        id="bad-instance",
        priority="reliability",
        claim=f"One instance is bad: {row['value']} ({row['attribute']}).",
        evidence=f"It has {wording.percent(row['traffic'], 0)} of the requests and {share} of the excess.",
        change=f"Take {row['value']} out of rotation now, and let health checks do that next time.",
        risk="The others take its traffic: see that they have room for it.",
        verify="Compare the others' error rate and latency with the target after it is out.",
        monitor="Errors and latency by instance, and the distance of the worst from the median.",
    )


def _is_one_of_several(case: Case, place: dict[str, Any]) -> bool:
    """Return whether others serve what this place does: a host that alone has an endpoint is no instance.

    Of a rollup that is known of upstreams only.
    """
    if case.requests is None:
        return bool(place["attribute"] == "upstream")
    endpoint, column = case.endpoints.row(0, named=True), COLUMNS[place["attribute"]]
    served = case.requests.filter(method=endpoint["method"], route=endpoint["route"]).select(place=column)
    return served.drop_nulls().filter(pl.col("place") != place["value"]).height > 0
