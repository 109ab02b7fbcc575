"""Pattern: one upstream among several explains the extra bad requests.

A host is not an instance: it is the name that was asked for, which every server may answer to. Nor is an
upstream that alone answers its endpoints: a service with an address of its own looks like that.
"""

from __future__ import annotations

import polars as pl

from incident_kit import wording
from incident_kit.diagnosis.case import Case
from incident_kit.diagnosis.findings import Finding
from incident_kit.measure.rollups.rollup import Rollup
from incident_kit.schema import ENDPOINT

MIN_EXCESS_SHARE = 0.8
"""It has at least this share of the excess: with less, other instances are bad too."""

MIN_SEPARATION = 0.3
"""Its share of the excess exceeds its share of the traffic by at least this; a bad one of three equal
instances exceeds it by 0.67."""

OTHERS = 0.1
"""It is one of several only if others answer at least this many requests per one of its own."""


def find(case: Case) -> Finding | None:
    """Return the finding that an incident comes from one upstream among several."""
    places = case.attributes.filter(
        "separates",
        pl.col("attribute") == "upstream",
        pl.col("share") >= MIN_EXCESS_SHARE,
        pl.col("separation") >= MIN_SEPARATION,
    )
    rows = [row for row in places.iter_rows(named=True) if _is_one_of_several(case.rollup, row["value"])]
    if not rows:
        return None
    row = rows[0]
    share = wording.share_with_interval(row["share"], row["low"], row["high"])
    return Finding(
        id="bad-instance",
        priority="reliability",
        claim=f"One instance is bad: {row['value']} (upstream).",
        evidence=f"It has {wording.percent(row['traffic'], 0)} of the requests and {share} of the excess.",
        change=f"Take {row['value']} out of rotation now, and let health checks do that next time.",
        risk="The others take its traffic: see that they have room for it.",
        verify="Compare the others' error rate and latency with the target after it is out.",
        monitor="Errors and latency by instance, and the distance of the worst from the median.",
    )


def _is_one_of_several(rollup: Rollup, upstream: str) -> bool:
    """Return whether others answer the endpoints that an upstream does."""
    answered = rollup.upstreams.group_by(*ENDPOINT, "upstream").agg(pl.col("requests").sum())
    own = answered.filter(pl.col("upstream") == upstream)
    rest = answered.filter(pl.col("upstream") != upstream)
    others = rest.join(own, on=list(ENDPOINT), how="semi", nulls_equal=True)
    return int(others["requests"].sum()) >= OTHERS * int(own["requests"].sum())
